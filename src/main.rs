//! Starts the page.

fn main() {
    time_wait_lab::app::start();
}
