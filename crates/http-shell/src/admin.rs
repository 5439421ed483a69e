//! The admin address: metrics for Prometheus, kept apart from the public API.

use std::{io, net::TcpListener, time::Duration};

use actix_web::{App, HttpResponse, HttpServer, get, web::Data};
use metrics_exporter_prometheus::PrometheusHandle;

const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Serves `GET /metrics` until `shutdown` resolves, and keeps the recorder tidy meanwhile.
pub async fn serve(
    listener: TcpListener,
    metrics: PrometheusHandle,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let data = Data::new(metrics.clone());
    let server = HttpServer::new(move || App::new().app_data(data.clone()).service(scrape))
        .workers(1)
        .shutdown_timeout(1)
        .shutdown_signal(shutdown)
        .listen(listener)?
        .run();
    let upkeep = async {
        loop {
            tokio::time::sleep(UPKEEP_EVERY).await;
            metrics.run_upkeep();
        }
    };
    tokio::select! {
        result = server => result,
        () = upkeep => Ok(()),
    }
}

#[get("/metrics")]
async fn scrape(metrics: Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(metrics.render())
}
