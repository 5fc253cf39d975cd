//! Where in an upload an archive lies: the way to it, and the names around it that decide on groups.

use crate::domain::{
    groups::{Container, Group, group_of},
    names::EntryName,
};

/// An archive on the way down: its path, and what it lies in, itself last.
pub(super) struct Place {
    pub(super) path: String,
    containers: Vec<OwnedContainer>,
    /// How many archives deep, from 1.
    pub(super) depth: u32,
}

#[derive(Clone)]
enum OwnedContainer {
    Archive(String),
    Folder(String),
}

impl Place {
    pub(super) fn outermost(name: &str) -> Self {
        let itself = OwnedContainer::Archive(file_name(name).to_owned());
        Self { path: name.to_owned(), containers: vec![itself], depth: 1 }
    }

    pub(super) fn nested(&self, name: &EntryName) -> Self {
        let mut containers = self.containers.clone();
        containers.extend(name.folders().map(|folder| OwnedContainer::Folder(folder.to_owned())));
        containers.push(OwnedContainer::Archive(name.file_name().to_owned()));
        Self { path: format!("{}/{}", self.path, name.as_str()), containers, depth: self.depth + 1 }
    }

    pub(super) fn group_of(&self, name: &EntryName) -> Group {
        let outer = self.containers.iter().map(OwnedContainer::as_container);
        let containers: Vec<Container<'_>> = outer.chain(name.folders().map(Container::Folder)).collect();
        group_of(&containers)
    }
}

impl OwnedContainer {
    fn as_container(&self) -> Container<'_> {
        match self {
            Self::Archive(name) => Container::Archive(name),
            Self::Folder(name) => Container::Folder(name),
        }
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
