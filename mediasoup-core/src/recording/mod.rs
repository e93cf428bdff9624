//! Recordings: the traits a backend implements, and their plain data.
