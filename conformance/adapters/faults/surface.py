"""Faults of the surface: methods that are missing, misnamed, or of no use."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from conformance.adapters import Settings, Unsupported
from conformance.adapters.failures import sdk_error
from conformance.adapters.faults import fault
from conformance.adapters.reference import METHODS, ReferenceAdapter
from conformance.adapters.reference.client import Batches, Client
from conformance.adapters.reference.wire import Request

_RESOURCE = ("batches.create", "batches.get", "batches.cancel")


def _without(*names: str) -> Mapping[str, str]:
    return {name: native for name, native in METHODS.items() if name not in names}


@fault("no-cancel-on-the-client", breaks=["SDK-SURFACE-01"])
class NoCancelOnTheClient(ReferenceAdapter):
    """The client itself cannot cancel."""

    methods = _without("cancelBatch")


@fault("script-without-resource", breaks=["SDK-SURFACE-02"])
class ScriptWithoutResource(ReferenceAdapter):
    """An SDK for TypeScript has no resource of batches."""

    language = "typescript"
    methods = _without(*_RESOURCE)


@fault("no-generic-url-helper", breaks=["SDK-SURFACE-03"])
class NoGenericUrlHelper(ReferenceAdapter):
    """There are stream URLs of batches alone."""

    methods = _without("getAsyncJobWebSocketUrl")


@fault("no-url-helper-for-batches", breaks=["SDK-SURFACE-04"])
class NoUrlHelperForBatches(ReferenceAdapter):
    """There is the generic helper for stream URLs alone."""

    methods = _without("batches.websocketUrl")


@fault("twin-accepts-anything", breaks=["SDK-SURFACE-05"])
class TwinAcceptsAnything(Batches):
    """The get of the resource sends another header than that of the client."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.get = self._get

    def _get(self, batch_id: str) -> Any:
        path = f"/batches/{self.client.segment(batch_id)}"
        return self.client.call(Request("GET", path, headers={"Accept": "*/*"}))


class _Retrieving(Client):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.retrieve_batch = self.get_batch


@fault("retrieve-for-get", breaks=["SDK-SURFACE-06"])
class RetrieveForGet(ReferenceAdapter):
    """Reading a batch is called retrieve."""

    methods = MappingProxyType({**METHODS, "getBatch": "retrieve_batch"})

    def __init__(self) -> None:
        super().__init__(_Retrieving)


@fault("no-listing", breaks=["SDK-SURFACE-07", "SDK-SURFACE-08"])
class NoListing(ReferenceAdapter):
    """Batches cannot be listed."""

    methods = _without("listBatches", "batches.list")


@fault("stands-in", breaks=["SDK-SURFACE-09"])
class StandsIn(Client):
    """A call returns that it is to come, and sends nothing."""

    def call(self, request: Request) -> Any:
        return {"status": "coming_soon", "message": "Batches are not available yet."}


@fault("does-not-import", breaks=["SDK-SURFACE-10"])
class DoesNotImport(ReferenceAdapter):
    """The package does not import, though its metadata admits the interpreter."""

    methods = _without(*METHODS)

    def open(self, settings: Settings) -> Client:
        raise sdk_error(SyntaxError("f-string: unmatched '('"))


@fault("declares-what-it-lacks", breaks=["SDK-SURFACE-11"], also=["SDK-SURFACE-13"])
class DeclaresWhatItLacks(ReferenceAdapter):
    """The adapter declares a method that it answers with unsupported."""

    def call(self, client: Client, method: str, args: Mapping[str, Any]) -> Any:
        if method == "batches.cancel":
            raise Unsupported(method, "the SDK has no such method")
        return super().call(client, method, args)


@fault("no-models", breaks=["SDK-SURFACE-12"])
class NoModels(ReferenceAdapter):
    """The models for batches cannot be listed."""

    methods = _without("listBatchModels", "batches.listModels")


@fault("no-resource", breaks=["SDK-SURFACE-13"])
class NoResource(ReferenceAdapter):
    """There is no resource of batches."""

    methods = _without(*_RESOURCE)


@fault("no-signature-helpers", breaks=["SDK-VERIFY-01"])
class NoSignatureHelpers(ReferenceAdapter):
    """Signatures of webhooks cannot be checked."""

    methods = _without("verifyAsyncWebhookSignature", "computeAsyncWebhookSignature")
