//! The way to PostgreSQL: connections that pipeline, a pool of them, and statements in both directions.
//!
//! tokio-postgres sends what is asked without waiting for earlier answers, and the server works in order. A transaction
//! ([`crate::tx`]) uses this to save flights. SeaORM says the statements and reads the rows; it does not connect.

mod address;
mod connection;
mod passwords;
mod pool;
mod query;
mod rows;
mod tls;

pub(crate) use self::{
    address::Address,
    connection::{Connection, is_lost, listen, said},
    pool::{Lease, Pool},
    query::{Query, query},
    rows::record,
};
