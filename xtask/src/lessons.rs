//! The lessons of content/lessons as the page fetches them: one file for each, with its scenes and
//! recordings, and one list of them all.

use crate::html::hashed_name;
use crate::recordings::read_recording;
use crate::shell::{Done, read_text};
use std::fs;
use std::path::{Path, PathBuf};
use time_wait_lab::lesson::{Lesson, Listed, Published, Recorded, Recording, Scene};
use time_wait_lab::world::scenes;

/// The files of the lessons, the list first.
pub(crate) struct Lessons {
    /// The name of the list's file.
    pub(crate) list: String,
    /// Every file: its name and its content.
    pub(crate) files: Vec<(String, String)>,
}

/// Reads content/lessons, in the order of the files' numbers, and makes the files of them.
pub(crate) fn lessons(root: &Path) -> Done<Lessons> {
    let mut listed = Vec::new();
    let mut files = Vec::new();
    for path in paths(&root.join("content/lessons"))? {
        let published = publish(root, &path)?;
        let (name, content) = file(&format!("lesson-{}", published.name), &published)?;
        listed.push(list_entry(published, &name));
        files.push((name, content));
    }
    let (list, content) = file("lessons", &listed)?;
    files.insert(0, (list.clone(), content));
    Ok(Lessons { list, files })
}

fn list_entry(published: Published, file: &str) -> Listed {
    let Lesson { title, summary, minutes, .. } = published.lesson;
    Listed { name: published.name, title, summary, minutes, file: file.to_owned() }
}

fn file(stem: &str, value: &impl serde::Serialize) -> Done<(String, String)> {
    let content = serde_json::to_string(value).map_err(|why| format!("{stem}: {why}"))?;
    Ok((hashed_name(stem, content.as_bytes(), "json"), content))
}

/// The lessons' files in their order. Without the folder there are none yet.
fn paths(folder: &Path) -> Done<Vec<PathBuf>> {
    let failed = |why: std::io::Error| format!("cannot list {}: {why}", folder.display());
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|e| e.path())).collect();
    let mut paths = paths.map_err(failed)?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    Ok(paths)
}

/// One lesson with all that it names.
fn publish(root: &Path, path: &Path) -> Done<Published> {
    let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let name = name(path).ok_or_else(|| wrong(&"the file's name must be NN-name.toml"))?;
    let lesson: Lesson = toml::from_str(&read_text(path)?).map_err(|why| wrong(&why))?;
    let mut scenes = Vec::new();
    for name in lesson.scenes() {
        let scene = scenes::Scene::find(name);
        let scene = scene.ok_or_else(|| wrong(&format!("src/world/scenes.rs has no {name}")))?;
        scenes.push(Scene { name: name.to_owned(), text: scene.text.to_owned() });
    }
    let mut recordings: Vec<Recorded> = Vec::new();
    for name in lesson.parts.iter().filter_map(|part| part.recorded.as_ref()) {
        if !recordings.iter().any(|recorded| recorded.name == *name) {
            let segments = read_recording(root, name).map_err(|why| wrong(&why))?;
            recordings.push(Recorded { name: Recording::clone(name), segments });
        }
    }
    Ok(Published { name: name.to_owned(), lesson, scenes, recordings })
}

/// `02-lost-last-ack.toml` is the lesson `lost-last-ack`.
fn name(path: &Path) -> Option<&str> {
    let (number, name) = path.file_stem()?.to_str()?.split_once('-')?;
    let is_number = number.len() == 2 && number.bytes().all(|digit| digit.is_ascii_digit());
    (is_number && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::root;
    use time_wait_lab::lesson::Likeness;

    #[test]
    fn a_lesson_has_the_name_behind_its_number() {
        assert_eq!(name(Path::new("content/02-lost-last-ack.toml")), Some("lost-last-ack"));
        for wrong in ["close.toml", "2-close.toml", "02-.toml", "aa-close.toml"] {
            assert_eq!(name(Path::new(wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn what_the_page_fetches_reads_back() -> Done {
        let path = root().join("content/lessons/02-lost-last-ack.toml");
        let published = publish(&root(), &path)?;
        let (file, content) = file("lesson-lost-last-ack", &published)?;
        assert!(file.starts_with("lesson-lost-last-ack-") && file.ends_with(".json"), "{file}");
        let read: Published = serde_json::from_str(&content).map_err(|why| why.to_string())?;
        assert_eq!(read, published);
        for part in &read.lesson.parts {
            let scene = read.scene(&part.scene).and_then(Result::ok).ok_or("no scene")?;
            let runs = part.runs(&scene);
            assert_eq!(runs.len(), 1 + usize::from(part.other.is_some()));
            let like = read.recorded(part).zip(runs.first()).and_then(|(r, run)| r.likeness(run));
            assert!(matches!(like, Some(Likeness::Whole | Likeness::Close)), "{}", part.scene);
        }
        let listed = list_entry(published, &file);
        assert_eq!((listed.name.as_str(), listed.file), ("lost-last-ack", file));
        Ok(())
    }

    #[test]
    fn a_folder_without_lessons_makes_an_empty_list() -> Done {
        let made = lessons(Path::new("no/such/folder"))?;
        let contents: Vec<&str> = made.files.iter().map(|(_, content)| content.as_str()).collect();
        assert_eq!(contents, ["[]"]);
        assert!(made.list.starts_with("lessons-"), "{}", made.list);
        Ok(())
    }
}
