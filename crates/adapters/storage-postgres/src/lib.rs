//! Every storage port, with SeaORM on PostgreSQL.
