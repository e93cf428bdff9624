//! The documentation against the code: its commands run, what it shows is what is answered, its lists are complete.

mod architecture;
mod commands;
mod configuration;
mod errors;
mod events;
mod links;
mod markdown;
mod rest;
mod server;
mod shape;
mod source;
