//! The files of the lessons: fetched once, when somebody wants them.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::futures::spawn_local;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::super::texts::fetch_file;
use crate::lesson::{Listed, Published};

/// How far a file is.
pub(super) enum File<T> {
    Coming,
    Here(Rc<T>),
    /// It couldn't be had, or isn't what it should be. Asking again may help.
    Lost,
}

impl<T> Clone for File<T> {
    fn clone(&self) -> File<T> {
        match self {
            File::Coming => File::Coming,
            File::Here(file) => File::Here(Rc::clone(file)),
            File::Lost => File::Lost,
        }
    }
}

#[derive(Default)]
struct Files {
    list: Option<File<Vec<Listed>>>,
    lessons: Vec<(String, File<Published>)>,
    changes: ArcRwSignal<u32>,
}

thread_local! {
    static FILES: RefCell<Files> = RefCell::default();
}

/// The list of the lessons. Who reads it follows it.
pub(super) fn list() -> File<Vec<Listed>> {
    track();
    FILES.with_borrow(|files| files.list.clone()).unwrap_or(File::Coming)
}

/// The lesson of a name. Who reads it follows it.
pub(super) fn lesson(name: &str) -> File<Published> {
    track();
    FILES.with_borrow(|files| {
        let mut lessons = files.lessons.iter();
        lessons.find(|(own, _)| own == name).map_or(File::Coming, |(_, file)| file.clone())
    })
}

fn track() {
    FILES.with_borrow(|files| files.changes.clone()).track();
}

/// Fetches the list, unless it's here or on its way.
pub(super) fn ask_for_list() {
    let is_asked =
        FILES.with_borrow(|files| matches!(files.list, Some(File::Coming | File::Here(_))));
    if !is_asked {
        keep_list(File::Coming);
        spawn_local(async { keep_list(fetched(None).await) });
    }
}

/// Fetches a lesson, unless it's here or on its way.
pub(super) fn ask_for(name: &str) {
    let is_asked = FILES.with_borrow(|files| {
        let mut lessons = files.lessons.iter();
        lessons.any(|(own, file)| own == name && !matches!(file, File::Lost))
    });
    if is_asked {
        return;
    }
    let name = name.to_owned();
    keep_lesson(&name, File::Coming);
    spawn_local(async move {
        let file = fetch_lesson(&name).await;
        keep_lesson(&name, file);
    });
}

async fn fetch_lesson(name: &str) -> File<Published> {
    let known = FILES.with_borrow(|files| files.list.clone());
    let list = match known {
        Some(File::Here(list)) => File::Here(list),
        _ => fetched::<Vec<Listed>>(None).await,
    };
    let File::Here(list) = list else { return File::Lost };
    keep_list(File::Here(Rc::clone(&list)));
    match list.iter().find(|listed| listed.name == name) {
        Some(listed) => fetched(Some(&listed.file)).await,
        None => File::Lost,
    }
}

async fn fetched<T: DeserializeOwned>(name: Option<&str>) -> File<T> {
    let text = fetch_file(name).await;
    let read = text.and_then(|text| serde_json::from_str(&text).ok());
    read.map_or(File::Lost, |read| File::Here(Rc::new(read)))
}

fn keep_list(list: File<Vec<Listed>>) {
    FILES.with_borrow_mut(|files| files.list = Some(list));
    tell();
}

fn keep_lesson(name: &str, lesson: File<Published>) {
    FILES.with_borrow_mut(|files| {
        files.lessons.retain(|(own, _)| own != name);
        files.lessons.push((name.to_owned(), lesson));
    });
    tell();
}

fn tell() {
    FILES.with_borrow(|files| files.changes.clone()).update(|changes| *changes += 1);
}
