//! Runs a cluster in the folder named, or a temporary one, until it is killed: the tests do just that.
#![expect(clippy::print_stdout, reason = "its standard output tells the test what to look at")]
use embedded_postgres::{Cluster, Error, Installation, Settings, testing::TemporaryCluster};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let Some(data) = std::env::args_os().nth(1) else {
        let cluster = TemporaryCluster::start().await?;
        println!("{}\n{}", cluster.pid(), cluster.folder().display());
        return wait(&cluster).await;
    };
    let say = |line: &str| eprintln!("{line}");
    let may_install = std::env::args_os().any(|argument| argument == "--install");
    let installation = Installation::find_or_install(None, may_install, &say).await?;
    let cluster = Cluster::start(&Settings::new(installation, data), &say).await?;
    println!("{}\n{}", cluster.pid(), cluster.socket_dir().display());
    wait(&cluster).await
}

async fn wait(cluster: &Cluster) -> Result<(), Error> {
    let exit = cluster.exited().await;
    Err(Error::StopFailed { path: cluster.data().to_owned(), log: exit.log })
}
