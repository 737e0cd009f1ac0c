//! Handlers of Lambda's Rust runtime, as replies. This is a macro, because this crate does not
//! depend on a runtime.

/// Wraps a handler of your own `lambda_runtime` or `lambda_http`, so that
/// [`handle_json`](crate::Rule::handle_json) takes it unchanged: caller and callee in one test.
///
/// The first argument is the path of `lambda_runtime`; `lambda_http` re-exports it. The second one
/// is a tower service over a `LambdaEvent`, such as `service_fn(..)`.
///
/// ```text
/// use lambda_http::{Adapter, service_fn};
///
/// lambda.on("pay").handle_json(lambda_handler!(lambda_runtime, lambda_runtime::service_fn(pay)));
/// lambda.on("web").handle_json(lambda_handler!(lambda_http::lambda_runtime, Adapter::from(service_fn(web))));
/// ```
///
/// The caller gets what the real runtime sends: the result, the `Diagnostic` of an error, the error
/// about an event that does not deserialize, and the error about a panic. A client context that
/// the runtime's `ClientContext` cannot hold, such as one with a number in `custom`, ends the
/// process of the real runtime, so the caller gets `Runtime.ExitError` with the exit code 1. The
/// last three also fail verification, because a test rarely intends them.
///
/// The handler's context has the request id, the ARN, the deadline, the tenant id, the client
/// context and the trace id of the invocation, and a configuration with the function's name and
/// version, 128 MB of memory, and the names of its log group and log stream. Without a
/// [`timeout`](crate::Reply::timeout), the deadline is 15 minutes from the start. Nothing is read
/// from or written to the environment.
///
/// `lambda_runtime` 1.1.1 is the lowest version. Handlers that stream their response are not
/// supported.
#[macro_export]
macro_rules! lambda_handler {
    ($runtime:ident $(:: $more:ident)*, $service:expr $(,)?) => {{
        use $runtime $(:: $more)* as __runtime;

        fn __diagnosed<D: ::core::convert::Into<__runtime::Diagnostic>>(error: D) -> $crate::FunctionError {
            let diagnostic: __runtime::Diagnostic = error.into();
            $crate::FunctionError::new(diagnostic.error_type, diagnostic.error_message).runtime("rust")
        }

        fn __context(context: &$crate::Context) -> ::core::result::Result<__runtime::Context, ::std::string::String> {
            let client_context = match context.client_context() {
                ::core::result::Result::Ok(client_context) => client_context,
                ::core::result::Result::Err(error) => {
                    return ::core::result::Result::Err(::std::string::ToString::to_string(&error));
                }
            };
            let invocation = context.invocation();
            let function = ::std::string::ToString::to_string(context.function_name());
            let version = ::std::string::ToString::to_string(context.function_version());
            // Both structs can get more fields.
            let mut config = <__runtime::Config as ::core::default::Default>::default();
            config.log_group = ::std::format!("/aws/lambda/{function}");
            config.log_stream = ::std::format!("2025/01/01/[{version}]0123456789abcdef0123456789abcdef");
            config.function_name = function;
            config.version = version;
            config.memory = 128;
            let mut theirs = <__runtime::Context as ::core::default::Default>::default();
            theirs.request_id = ::std::string::ToString::to_string(context.request_id());
            theirs.invoked_function_arn = context.invoked_function_arn();
            theirs.deadline = $crate::__private::milliseconds(context.deadline());
            theirs.tenant_id = invocation.tenant_id().map(::std::string::ToString::to_string);
            theirs.xray_trace_id = invocation.header("x-amzn-trace-id").map(::std::string::ToString::to_string);
            theirs.client_context = client_context;
            theirs.env_config = ::std::sync::Arc::new(config);
            ::core::result::Result::Ok(theirs)
        }

        fn __wrapped<S, T, O>(
            service: S,
        ) -> impl ::core::ops::AsyncFn(T, $crate::Context) -> $crate::__private::OfRuntime<O>
               + ::core::marker::Send
               + ::core::marker::Sync
               + 'static
        where
            S: __runtime::Service<__runtime::LambdaEvent<T>, Response = O>
                + ::core::clone::Clone
                + ::core::marker::Send
                + ::core::marker::Sync
                + 'static,
            S::Error: ::core::convert::Into<__runtime::Diagnostic>,
            T: 'static,
            O: 'static,
        {
            async move |event: T, context: $crate::Context| {
                let context = match __context(&context) {
                    ::core::result::Result::Ok(context) => context,
                    ::core::result::Result::Err(why) => return $crate::__private::OfRuntime::UnreadClientContext(why),
                };
                let mut service = service.clone();
                let ready = ::core::future::poll_fn(|waker| service.poll_ready(waker)).await;
                if let ::core::result::Result::Err(error) = ready {
                    return $crate::__private::OfRuntime::Ended(::core::result::Result::Err(__diagnosed(error)));
                }
                let event = __runtime::LambdaEvent::new(event, context);
                $crate::__private::OfRuntime::Ended(service.call(event).await.map_err(__diagnosed))
            }
        }

        __wrapped($service)
    }};
    ($($other:tt)*) => {
        ::core::compile_error!(
            "`lambda_handler!` takes the path of `lambda_runtime`, then the service: \
             `lambda_handler!(lambda_runtime, service_fn(handler))`, or \
             `lambda_handler!(lambda_http::lambda_runtime, lambda_http::Adapter::from(service_fn(handler)))`"
        )
    };
}
