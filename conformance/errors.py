"""Every exception that a user of the suite can meet.

ConformanceError
├── UsageError            a wrong option, name or file: one line, exit status 4
│   ├── ConfigError       an option or a setting that cannot be used
│   ├── RegistryError     a requirement file that is not what requirement.schema.json says
│   ├── CassetteError     a cassette that cannot be read
│   ├── BodyError         a file of batch bodies that cannot be read
│   └── UnknownFault      a fault name that the mock does not know
├── PortInUse             an address to listen on is taken: exit status 4
├── AdapterError          an SDK adapter that does not start, or not speak: exit status 3
├── TargetUnreachable     nothing could be judged because the target does not answer: exit status 5
└── ReportError           a report that cannot be written: exit status 3
"""


class ConformanceError(Exception):
    """Base of all; its text is one line with cause and mend."""


class UsageError(ConformanceError):
    """The command as typed cannot be carried out."""


class ConfigError(UsageError):
    """An option or a setting cannot be used."""


class RegistryError(UsageError):
    """A requirement file breaks its schema or points at nothing."""


class CassetteError(UsageError):
    """A cassette cannot be read."""


class BodyError(UsageError):
    """A file of batch bodies cannot be read."""


class UnknownFault(UsageError):
    """No fault has this name."""


class PortInUse(UsageError):
    """The address that a mock, a replay or the receiver of webhooks should listen on is taken."""


class AdapterError(ConformanceError):
    """An adapter cannot be used; further lines have what it wrote on stderr."""


class TargetUnreachable(ConformanceError):
    """The target did not answer at all."""


class ReportError(ConformanceError):
    """A report could not be written."""
