//! What only the fake's own server does: its connections, how replies break, and everything that holds a reply or a request up.

mod causes;
mod chaos;
mod events;
mod faults;
mod http;
mod lifecycle;
mod outages;
mod properties;
mod scripts;
