//! The recorded cases that no reply of the fake can show, and why.

const CONTROL_PLANE: &str = "an operation other than Invoke";
const FUNCTION_URL: &str = "a function URL, not Invoke";
const INSIDE: &str = "what a function keeps between calls is its own";
const LOGS: &str = "a log in CloudWatch, which Invoke does not return";
const MODEL: &str = "a list that other cases show member by member";

pub(super) const NOT_SHOWN: &[(&str, &[&str])] = &[
    (
        CONTROL_PLANE,
        &[
            "provisioned_concurrency_init_failure",
            "single_char_function_role_session",
            "pending_conflict_sfn",
            "snapstart_snapshot_throttle",
        ],
    ),
    (
        FUNCTION_URL,
        &[
            "url_missing_permission_body",
            "url_deleted_alias",
            "url_function_exception",
            "throttle_url_400",
        ],
    ),
    (INSIDE, &["env_reset_after_timeout"]),
    (LOGS, &["event_error_log_lines_with_one_retry"]),
    (MODEL, &["model_invoke_response_headers"]),
];
