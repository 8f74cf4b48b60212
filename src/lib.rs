//! The TIME_WAIT lab: two real TCPs and a wire that obeys a person.
//!
//! [`tcp`] is one host, [`world`] two hosts and a wire, [`lesson`] what is told and asked of their
//! runs, [`adversary`] tries every act of the network, [`gauge`] opens thousands of connections;
//! [`picture`] and `app` draw them. The only `cfg` for the web stands here: without the feature
//! the engine builds alone.

pub mod adversary;
pub mod gauge;
pub mod lesson;
pub mod packed;
pub mod picture;
pub mod tcp;
pub mod world;

#[cfg(feature = "web")]
pub mod app;
