//! What scripts write in place of a reply.

use serde_json::Value;

use super::{Answer, Reply};
use crate::aws::function_error::FunctionError;
use crate::aws::service_error::ServiceError;
use crate::reply::fault::Fault;

impl From<Value> for Reply {
    fn from(payload: Value) -> Self {
        Self::json(payload)
    }
}

impl From<ServiceError> for Reply {
    fn from(error: ServiceError) -> Self {
        Self::error(error)
    }
}

/// No reply: the fault happens and the function does not run.
impl From<Fault> for Reply {
    fn from(fault: Fault) -> Self {
        Self::new(Answer::Fault(fault))
    }
}

impl From<FunctionError> for Reply {
    fn from(error: FunctionError) -> Self {
        Self::new(Answer::FunctionError(error))
    }
}

impl<T: Into<Reply>, E: Into<Reply>> From<Result<T, E>> for Reply {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(reply) => reply.into(),
            Err(reply) => reply.into(),
        }
    }
}
