//! The public server: the application with its layers, and a listener that drains before it stops.

use std::{io, net::TcpListener};

use actix_web::{
    App, Error, HttpServer,
    body::MessageBody,
    dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Compress, from_fn},
    web::{self, Data},
};
use tracing_actix_web::TracingLogger;
use utoipa_actix_web::AppExt;

use super::{
    allowed_methods::{beside_parameters, no_route},
    layers::{Root, admit, cors, envelop, guard, measure},
    openapi,
    state::AppState,
};

/// The whole application. `actix_web::test::init_service(app(&state))` gives it to a test without a socket.
pub fn app(
    state: &AppState,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .app_data(Data::new(state.clone()))
        .into_utoipa_app()
        .configure(|cfg| state.api().serve(cfg))
        .into_app()
        .configure(|cfg| state.provide(cfg))
        .configure(openapi::routes)
        .default_service(web::to(no_route))
        .wrap(from_fn(beside_parameters))
        .wrap(from_fn(admit))
        .wrap(from_fn(guard))
        .wrap(Compress::default())
        .wrap(cors(state.settings()))
        .wrap(from_fn(measure))
        .wrap(TracingLogger::<Root>::new())
        .wrap(from_fn(envelop))
}

/// Serves until `shutdown` resolves, then takes no new connections and waits for running requests, at most as
/// long as the settings say.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    start(listener, state, shutdown)?.await
}

/// Apart, because the builder cannot be held across an `await` of a future that moves between threads.
fn start(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Server> {
    let settings = state.settings().clone();
    let mut server = HttpServer::new(move || app(&state))
        .keep_alive(settings.keep_alive)
        .client_request_timeout(settings.headers_within)
        .shutdown_timeout(settings.drain.as_secs())
        .shutdown_signal(shutdown);
    if let Some(workers) = settings.workers {
        server = server.workers(workers);
    }
    Ok(server.listen(listener)?.run())
}
