"""
What the vendor's page leaves open, one setting each.

The default is the likeliest reading. The client must hold under every value, so tests run under `DIALECTS`: the default
and every dialect that differs from it in one setting. Sources name sections of the Udesk CTI Cloud API page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from reconciler.providers.simulation.points import Open, OpenPoints, variations


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect(OpenPoints):
    """One way to read the page."""

    timestamp_unit: Annotated[
        Literal["ms", "s", "either"],
        Open(
            "Is the signed Timestamp in milliseconds, as the text says, or seconds, as all examples show?", "Timestamp"
        ),
    ] = "ms"
    errors: Annotated[
        Literal["200", "4xx"],
        Open("Does a refusal come as HTTP 200 with a code, or as 4xx with a code?", "HTTP Status Code"),
    ] = "200"
    writes: Annotated[
        Literal["200", "201", "202"],
        Open("Status of a write that worked: 200; 201, and 204 without a body for DELETE; 202.", "HTTP Status Code"),
    ] = "200"
    envelope: Annotated[
        Literal["ErrCode", "code"],
        Open("Is the envelope ErrCode and ErrDesc, or code and message, as in the answers of some calls?", "Hold"),
    ] = "ErrCode"
    unauthorized: Annotated[Literal["envelope", "empty"], Open("Does a 401 carry a body?", "HTTP Status Code")] = (
        "envelope"
    )
    scalars: Annotated[
        Literal["native", "text"], Open("Are numbers and booleans in answers text?", "Create Application")
    ] = "native"
    empty_lists: Annotated[
        Literal["null", "list"], Open("Is a list without members null or []?", "Get Seat Details")
    ] = "null"
    order: Annotated[
        Literal["made", "sorted", "reversed"],
        Open("Do lists keep the order of making? Sorted is by id, reversed is newest first.", "Get Seat List"),
    ] = "made"
    lag: Annotated[
        int, Open("How many reads of a resource still show the state before the last write?", "HTTP Status Code", (2,))
    ] = 0
    application_left_out: Annotated[
        Literal["reset", "keep"], Open("What becomes of fields left out of PUT apps?", "Update Application")
    ] = "reset"
    list_agent_id: Annotated[
        Literal["bare", "tenant"], Open("Is AgentId in the list bare, or id@AppId?", "Get Seat List")
    ] = "bare"
    read_agent_id: Annotated[
        Literal["tenant", "bare"], Open("Is AgentId in the single read id@AppId, or bare?", "Get Seat Details")
    ] = "tenant"
    extensions: Annotated[
        Literal["object", "object-empty-password", "text"],
        Open(
            "What is a member of an agent's Extensions? The type Extension is defined only for creation.",
            "Get Seat List",
        ),
    ] = "object"
    names: Annotated[
        Literal["text", "list"], Open("Are QueuesNames and ExtenInfos text with commas, or lists?", "Get Seat List")
    ] = "text"
    agent_number: Annotated[
        Literal["text", "list"], Open("Is an agent's DefSpNumber text, as shown, or a list, as typed?", "Get Seat List")
    ] = "text"
    paging: Annotated[
        Literal["none", "query", "body"],
        Open(
            "Is GET agents paged, and do PageNum and PageSize come in the query or in the body?",
            "Get Seat List",
            along=(("page_size", 3),),
        ),
    ] = "none"
    page_size: Annotated[
        int,
        Open("Agents on a page unless PageSize asks for fewer; only where `paging` is on.", "Get Seat List", lowest=1),
    ] = 100
    agent_batch: Annotated[
        Literal["atomic", "partial"],
        Open("Is POST agents all or nothing, or are the agents before the first bad one made?", "Create Seat"),
    ] = "atomic"
    agent_left_out: Annotated[
        Literal["reset", "keep"], Open("What becomes of fields left out of PUT agents?", "Update Seat")
    ] = "reset"
    wrap_up_time: Annotated[
        Literal["accepted", "ignored", "refused"],
        Open("What becomes of WrapUpTime, which the examples send and no table lists?", "Create Seat"),
    ] = "accepted"
    bind_queues: Annotated[
        Literal["add", "replace"], Open("Does POST agents/queues add queues, or replace them?", "Seat Queue Binding")
    ] = "add"
    bound_again: Annotated[
        Literal["ok", "refused"],
        Open('Is binding what is bound already fine, or "Duplicate entry"?', "Batch Bind Seats to Queue"),
    ] = "ok"
    unbound_again: Annotated[
        Literal["refused", "ok"], Open("Is unbinding what is not bound refused (000004)?", "Seat Queue Unbinding")
    ] = "refused"
    shared_extension: Annotated[
        Literal["refused", "allowed"], Open("May two agents have one extension?", "Seat Extension Binding")
    ] = "refused"
    queue_names: Annotated[
        Literal["QueueID", "QueueId"],
        Open(
            "Does GET queues say QueueID and Name, or QueueId and QueueName as when writing?",
            "Get All Queue Information",
        ),
    ] = "QueueID"
    queue_name: Annotated[
        Literal["free", "unique"],
        Open("May two queues have one name? A second public document lists 100006, name exists.", "Create Queue"),
    ] = "free"
    queue_with_key: Annotated[
        Literal["refused", "allowed"], Open("May a queue go while a key names it?", "Delete Queue")
    ] = "refused"
    upload: Annotated[
        Literal["multipart", "base64", "none"],
        Open(
            "How do a voice file's bytes travel: form with a file part, base64 in JSON, not?", "Upload IVR Voice File"
        ),
    ] = "multipart"
    voice_in_use: Annotated[
        Literal["refused", "allowed"], Open("May a voice file go while a prompt plays it?", "Delete IVR Voice File")
    ] = "refused"
    dangling: Annotated[
        Literal["refused", "kept"],
        Open(
            "May a key be sent again that leads to a queue that is gone, or a prompt that plays such a file?",
            "Update Fast Router Configuration",
        ),
    ] = "refused"
    voices_body: Annotated[
        Literal["object", "list"], Open("Is DefVoices an object, or a list of one object?", "Set IVR Default Voices")
    ] = "object"
    voices_answer: Annotated[
        Literal["object", "list"], Open("Is Voices an object, or a list of one object?", "Get IVR Default Voices")
    ] = "object"
    voices_left_out: Annotated[
        Literal["keep", "default"], Open("What becomes of prompts left out of DefVoices?", "Set IVR Default Voices")
    ] = "keep"
    voices_unset: Annotated[
        Literal["default", "absent"],
        Open('Does a prompt that was never set read as "default", or not at all?', "Get IVR Default Voices"),
    ] = "default"
    fast_router: Annotated[
        Literal["top", "result"],
        Open("Does FastRouter stand beside Result, as the table says, or in it?", "Get Fast Router Configuration"),
    ] = "top"
    subscription_switch: Annotated[
        Literal["enable", "state"],
        Open(
            "Which field of PUT switches it: enable (the table) or state (the example)?", "Update Message Subscription"
        ),
    ] = "enable"
    subscription_starts: Annotated[
        Literal["enabled", "disabled"], Open("Is a subscription on when it is made?", "Message Subscription")
    ] = "enabled"
    subscription_answer: Annotated[
        Literal["mapping", "list"],
        Open(
            "Does PUT answer name: id (the example) or a list of SubId and name (the table)?",
            "Update Message Subscription",
        ),
    ] = "mapping"


DIALECTS: Final[Mapping[str, Dialect]] = variations(Dialect)
"""The default dialect, and every one that differs from it in one setting, by `name=value`."""
