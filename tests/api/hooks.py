"""What schemathesis is to know besides its own checks, and what no schema says."""

import re

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation

# Rules of single fields that a schema cannot say: of which operations, where, and what.
BEYOND_SCHEMAS = [
    ("identity.(register|edit_me)", "/timezone", "names of the IANA database, which change with each edition"),
    ("identity.create_api_key", "/expires_at", "lies within a year from now"),
    ("identity.request_email_change", "/new_email", "is another than the address one has"),
    ("identity.transfer_ownership", "/account_id", "is another member's"),
    ("identity.edit_me", "/preferences", "holds no U+0000, at most 16 KiB"),
    ("identity.(found|edit)_organization", "/settings", "holds no U+0000, at most 16 KiB"),
    ("identity.put_admin_settings", "/settings", "holds no U+0000, at most 16 KiB"),
    ("audit.list_.*events", "/until", "is not before `from`"),
    ("webhook.(create|edit)_endpoint", "/url", "names a host that the internet reaches, and no port below 1024 but 443"),
    ("document.(upload|list)_documents?", "/related_id", "goes with `related_type`"),
    ("document.upload_document", "/file", "names no folder such as `..`, and nothing that cannot be seen"),
    ("webhook.recover_deliveries", "/since", "lies within the last 30 days"),
    ("assessment.rate_session", "/score", "has two decimals: `multipleOf` 0.01 refuses 4.35 where numbers are binary"),
]


@schemathesis.check
def described_form_is_accepted(_, response, case):
    """422 for what the schema allows is `request.invalid` nowhere; other codes are rules that an operation names."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    problem = response.json()
    if problem["code"] != "request.invalid":
        return
    operation = case.operation.definition.raw["operationId"]
    beyond = [place for of, place, _ in BEYOND_SCHEMAS if re.fullmatch(of, operation)]
    errors = problem.get("errors", [])
    wrong = [error for error in errors if error["pointer"] not in beyond]
    if wrong or not errors:
        told = "; ".join(f"{error['pointer']} {error['detail']}" for error in wrong)
        raise Failure(operation=case.operation.label, title="The schema allows what is refused", message=told)


@schemathesis.hook
def filter_failure(_, failure, case, __):
    """Whatever is sent as markdown is a text, of whatever type it was; and a check tells faults instead of refusing."""
    is_text = case.media_type == "text/markdown"
    is_told = case.operation.definition.raw["operationId"] == "assessment.lint_assessment"
    of_body = isinstance(failure, AcceptedNegativeData) and case.meta.is_negative_at(ParameterLocation.BODY)
    return not (of_body and (is_text or is_told))


@schemathesis.hook
def map_body(_, body):
    """JSON Schema counts 1.0 among the integers, the server does not: integers are sent as clients write them."""
    return whole(body)


@schemathesis.hook
def map_query(_, query):
    """The same for parameters."""
    return whole(query)


def whole(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value
