//! One tolerant streaming parser per transcript format, all giving the same events.
