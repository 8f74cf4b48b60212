//! The page's program. It does nothing by itself: boot.js calls `app::start`.

use time_wait_lab as _;

fn main() {}
