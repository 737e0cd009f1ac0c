//! What a step may answer.

use super::super::shape::{Choice, Key, Shape, Takes};
use super::faults::{ALONE, DELAY, FAULT};
use super::function_errors::FUNCTION_ERROR;
use super::{BYTES, DURATION, SERVICE_ERRORS, THROTTLE_REASONS, VERSION, may, must};

const NOUN: &str = "a reply";

pub(super) static REPLY: Choice = Choice {
    noun: NOUN,
    about: "What a step answers, as `Reply` makes it.",
    kinds: &[VALUE, FAILURE, ERROR, UNMODELED, HTTP_REPLY, LONE_FAULT],
};

/// What chaos does: the same, but that a fault may damage what a script replies.
pub(super) static TROUBLE: Choice = Choice {
    noun: "trouble",
    about: "What a hit does: a reply that is an error, or that is late, lost or damaged; or a fault.",
    kinds: &[VALUE, FAILURE, ERROR, UNMODELED, HTTP_REPLY, ANY_FAULT],
};

const VALUE: Shape = Shape {
    noun: NOUN,
    about: "A function that returned a value: `Reply::json`.",
    keys: &[
        must(
            "json",
            Takes::Json,
            "The value: member by member as written here, without white space.",
        ),
        EXECUTED_VERSION,
        LOG,
        TIMEOUT,
        HEADER,
        WITHOUT_HEADER,
        STATUS,
        BODY,
        DELAYED,
        BODY_DELAY,
        DAMAGE,
    ],
};

const FAILURE: Shape = Shape {
    noun: NOUN,
    about: "A function that failed: `FunctionError`.",
    keys: &[
        must(
            "function_error",
            Takes::Choice(&FUNCTION_ERROR),
            "How it failed.",
        ),
        EXECUTED_VERSION,
        LOG,
        TIMEOUT,
        HEADER,
        WITHOUT_HEADER,
        STATUS,
        BODY,
        DELAYED,
        BODY_DELAY,
        DAMAGE,
    ],
};

const ERROR: Shape = Shape {
    noun: NOUN,
    about: "An error of the service: `Reply::error`.",
    keys: &[
        must(
            "error",
            Takes::Word(&SERVICE_ERRORS),
            "The name of the error, as on the wire or as in `ServiceError`.",
        ),
        MESSAGE,
        may(
            "reason",
            Takes::Word(&THROTTLE_REASONS),
            "The `Reason` of a throttle.",
        ),
        may(
            "retry_after",
            Takes::Form(&DURATION),
            "The `Retry-After` of a throttle, in whole seconds.",
        ),
        may(
            "ec2_error_code",
            Takes::Text,
            "The `EC2ErrorCode` of an `EC2UnexpectedException`.",
        ),
        HEADER,
        WITHOUT_HEADER,
        STATUS,
        BODY,
        DELAYED,
        BODY_DELAY,
        DAMAGE,
    ],
};

const UNMODELED: Shape = Shape {
    noun: NOUN,
    about: "An error that the service model does not know: `Reply::unmodeled_error`.",
    keys: &[
        must(
            "unmodeled_error",
            Takes::Object(&UNMODELED_ERROR),
            "Its name and status.",
        ),
        MESSAGE,
        HEADER,
        WITHOUT_HEADER,
        STATUS,
        BODY,
        DELAYED,
        BODY_DELAY,
        DAMAGE,
    ],
};

const HTTP_REPLY: Shape = Shape {
    noun: NOUN,
    about: "A load balancer or proxy speaking: `Reply::http`.",
    keys: &[
        must("http", Takes::Object(&HTTP), "Its status and body."),
        HEADER,
        WITHOUT_HEADER,
        STATUS,
        BODY,
        DELAYED,
        BODY_DELAY,
        DAMAGE,
    ],
};

const LONE_FAULT: Shape = Shape {
    noun: NOUN,
    about: "No reply: the fault happens and the function does not run.",
    keys: &[
        must("fault", Takes::Word(&ALONE), "What goes wrong."),
        DELAYED,
    ],
};

const ANY_FAULT: Shape = Shape {
    noun: NOUN,
    about: "A fault: it happens in place of a reply, or to the reply of the script.",
    keys: &[must("fault", FAULT, "What goes wrong."), DELAYED],
};

static UNMODELED_ERROR: Shape = Shape {
    noun: "an unmodeled error",
    about: "An error that the service model does not know.",
    keys: &[
        must("code", Takes::Text, "The value of `x-amzn-ErrorType`."),
        must("status", Takes::Whole(400, 599), "The HTTP status."),
    ],
};

static HTTP: Shape = Shape {
    noun: "a plain HTTP reply",
    about: "A status and a body, with none of Lambda's headers.",
    keys: &[
        must("status", Takes::Whole(200, 599), "The HTTP status."),
        may("body", BYTES, "The body; none without it."),
    ],
};

static FIELD_TAKEN: Takes = Takes::Object(&FIELD);

static FIELD: Shape = Shape {
    noun: "a header",
    about: "A response header.",
    keys: &[
        must("name", Takes::Text, "Its name."),
        must("value", Takes::Text, "Its value."),
    ],
};

const MESSAGE: Key = may("message", Takes::Text, "The error's message.");
const EXECUTED_VERSION: Key = may(
    "executed_version",
    Takes::Form(&VERSION),
    "The version that ran: `$LATEST` or a number.",
);
const LOG: Key = may(
    "log",
    Takes::List(&Takes::Text),
    "What the function writes to its log: lines.",
);
const HEADER: Key = may(
    "header",
    Takes::List(&FIELD_TAKEN),
    "More response headers, or other values.",
);
const WITHOUT_HEADER: Key = may(
    "without_header",
    Takes::List(&Takes::Text),
    "The names of response headers to leave out.",
);
const STATUS: Key = may(
    "status",
    Takes::Whole(200, 599),
    "Another status than the reply has by rights.",
);
const BODY: Key = may("body", BYTES, "Other bytes than the reply has by rights.");
const TIMEOUT: Key = may(
    "timeout",
    Takes::Form(&DURATION),
    "How long the function may take; past it the reply is that of a timeout.",
);
const DELAYED: Key = may("delay", DELAY, "How long before the first byte.");
const BODY_DELAY: Key = may("body_delay", DELAY, "How long between head and body.");
const DAMAGE: Key = may(
    "fault",
    FAULT,
    "What goes wrong with the reply; the function has run.",
);
