//! The run that the page opens with, as the engine made it when the page was built: see
//! xtask/src/opening.rs. So the first screen needs no engine. It lies in the program itself, and so
//! can't be lost, nor be another version's.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::packed::unpack;
use crate::picture::{Now, Picture, Recording};
use crate::world::Scene;

/// Empty where the page isn't made by xtask, as when it is only checked.
static OCTETS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/opening.recording"));

thread_local! {
    static OPENING: OnceCell<Option<Opening>> = const { OnceCell::new() };
}

struct Opening {
    scene: Rc<Scene>,
    picture: Rc<Picture>,
    nows: Vec<Rc<Vec<Now>>>,
}

impl Opening {
    fn read() -> Option<Opening> {
        let Recording { picture, nows } = unpack(OCTETS)?;
        let scenario = picture.runs.first()?.trace.scenario.clone();
        Some(Opening {
            scene: Rc::new(Scene { scenario, other: None }),
            picture: Rc::new(picture),
            nows: nows.into_iter().map(Rc::new).collect(),
        })
    }
}

fn with<T>(read: impl FnOnce(&Opening) -> Option<T>) -> Option<T> {
    OPENING.with(|opening| opening.get_or_init(Opening::read).as_ref().and_then(read))
}

/// The scene that the page opens with.
pub(super) fn scene() -> Option<Rc<Scene>> {
    with(|opening| Some(Rc::clone(&opening.scene)))
}

/// Its picture, if this is that very scene, and not only one like it.
pub(super) fn picture(of: &Rc<Scene>) -> Option<Rc<Picture>> {
    with(|opening| Rc::ptr_eq(&opening.scene, of).then(|| Rc::clone(&opening.picture)))
}

/// What there is to say at a moment, if this is that very picture.
pub(super) fn now(of: &Rc<Picture>, moment: Option<usize>) -> Option<Rc<Vec<Now>>> {
    let place = moment.map_or(0, |at| at + 1);
    with(|opening| {
        Rc::ptr_eq(&opening.picture, of).then(|| opening.nows.get(place).cloned()).flatten()
    })
}
