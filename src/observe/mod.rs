//! Logs, redaction and the panic report.
