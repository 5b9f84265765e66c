"""Faults of the model list: its filter, its alias, and what it promises."""

from typing import Any

from conformance.mock.exchange import Answer, Call, json_answer
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit


@fault("params-ignored", breaks=["REST-MODELS-05"])
class ParamsIgnored(Gateway):
    """The filter by request parameters is not looked at."""

    def wanted_params(self, call: Call) -> list[str]:
        return []


@fault("repeated-params-dropped", breaks=["REST-MODELS-05"])
class RepeatedParamsDropped(Gateway):
    """Of a repeated parameter only the first value counts."""

    def wanted_params(self, call: Call) -> list[str]:
        first = call.query_values("params")[:1]
        return [word.strip() for value in first for word in value.split(",") if word.strip()]


@fault("unpriced-model-listed", breaks=["REST-MODELS-06"])
class UnpricedModelListed(Gateway):
    """The list shows models under names that have no price."""

    def model_item(self, name: str) -> dict[str, Any]:
        return {**super().model_item(name), "model": f"{name}-preview"}


@fault("alias-lists-fewer-models", breaks=["REST-MODELS-07"])
class AliasListsFewerModels(Gateway):
    """The alias path leaves out the first model."""

    def list_models(self, visit: Visit) -> Answer:
        answer = super().list_models(visit)
        if visit.call.segments[0] != "batch":
            return answer
        return json_answer(200, {**answer.body, "data": answer.body["data"][1:]}, answer.headers)
