//! Memory stores and their memories.
//!
//! Owns: what may stand in a store, the conditions of every write, and changing a store as someone
//! else would. Must not know: HTTP, dreams.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::page::{Ask, Limits, USUAL};
use super::paths;
use super::query::Query;
use super::versions::{Actor, Version};
use super::workspace::Workspace;

/// Bytes that one memory may have.
pub const CONTENT_LIMIT: usize = 102_400;

/// A store.
pub(super) struct Store {
    pub name: String,
    description: String,
    metadata: Map<String, Value>,
    created: Timestamp,
    updated: Timestamp,
    pub archived: Option<Timestamp>,
    /// By path.
    pub memories: BTreeMap<String, Memory>,
    /// The oldest first.
    pub versions: Vec<Version>,
}

/// A memory.
#[derive(Clone)]
pub(super) struct Memory {
    id: String,
    pub content: Arc<str>,
    sha256: String,
    version: String,
    created: Timestamp,
    updated: Timestamp,
}

/// Whether contents are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Basic,
    Full,
}

impl View {
    pub fn read(query: &Query, usual: Self) -> Result<Self, Failure> {
        match query.get("view") {
            None => Ok(usual),
            Some("basic") => Ok(Self::Basic),
            Some("full") => Ok(Self::Full),
            Some(_) => Err(Failure::invalid("view: must be basic or full")),
        }
    }

    pub fn limits(self) -> Limits {
        match self {
            Self::Basic => USUAL,
            Self::Full => Limits { usual: 20, most: 20 },
        }
    }
}

/// SHA-256 of a text, in lower-case hex.
fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Store {
    fn body(&self, id: &str) -> Value {
        json!({
            "type": "memory_store", "id": id, "name": self.name, "description": self.description,
            "metadata": self.metadata, "created_at": self.created.to_string(),
            "updated_at": self.updated.to_string(), "archived_at": self.archived.map(|at| at.to_string()),
        })
    }

    fn by_id(&self, memory: &str) -> Result<(&String, &Memory), Failure> {
        self.memories.iter().find(|(_, known)| known.id == memory).ok_or_else(|| Failure::missing("Memory"))
    }

    /// A path is taken by a memory there, above it or below it.
    fn check_free(&self, path: &str, except: Option<&str>) -> Result<(), Failure> {
        let below = format!("{path}/");
        let taken = self.memories.iter().find(|(known, memory)| {
            except != Some(memory.id.as_str())
                && (*known == path
                    || known.starts_with(&below)
                    || path.strip_prefix(known.as_str()).is_some_and(|rest| rest.starts_with('/')))
        });
        taken.map_or(Ok(()), |(known, memory)| Err(Failure::path_taken(&memory.id, known)))
    }

    fn check_writable(&self) -> Result<(), Failure> {
        match self.archived {
            Some(_) => Err(Failure::invalid("the memory store is archived")),
            None => Ok(()),
        }
    }
}

impl Memory {
    fn body(&self, store: &str, path: &str, view: View) -> Value {
        json!({
            "type": "memory", "id": self.id, "memory_store_id": store, "path": path,
            "content": if view == View::Full { Some(&*self.content) } else { None },
            "content_size_bytes": self.content.len(), "content_sha256": self.sha256,
            "memory_version_id": self.version, "created_at": self.created.to_string(),
            "updated_at": self.updated.to_string(),
        })
    }
}

fn check_content(content: &str) -> Result<(), Failure> {
    if content.len() > CONTENT_LIMIT {
        return Err(Failure::invalid(format!("content: longer than {CONTENT_LIMIT} bytes")));
    }
    Ok(())
}

fn text<'a>(body: &'a Value, name: &str) -> Result<Option<&'a str>, Failure> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Failure::invalid(format!("{name}: must be a string"))),
    }
}

impl Workspace {
    pub(super) fn store(&self, id: &str) -> Result<&Store, Failure> {
        self.stores.get(id).ok_or_else(|| Failure::missing("Memory store"))
    }

    pub(super) fn store_mut(&mut self, id: &str) -> Result<&mut Store, Failure> {
        self.stores.get_mut(id).ok_or_else(|| Failure::missing("Memory store"))
    }

    /// Adds a store; returns its id.
    pub fn add_store(&mut self, name: &str, description: &str) -> String {
        let (id, now) = (self.id("memstore"), self.now());
        let store = Store {
            name: name.to_owned(),
            description: description.to_owned(),
            metadata: Map::new(),
            created: now,
            updated: now,
            archived: None,
            memories: BTreeMap::new(),
            versions: Vec::new(),
        };
        self.stores.insert(id.clone(), store);
        id
    }

    /// Ids of the stores that exist, the oldest first.
    #[must_use]
    pub fn stores(&self) -> Vec<String> {
        self.stores.keys().cloned().collect()
    }

    /// What stands in a store: paths and texts.
    #[must_use]
    pub fn memories(&self, store: &str) -> BTreeMap<String, String> {
        let memories = self.stores.get(store).map(|store| &store.memories);
        memories
            .into_iter()
            .flatten()
            .map(|(path, memory)| (path.clone(), memory.content.to_string()))
            .collect()
    }

    /// Writes a memory as someone else would, whatever stood there.
    ///
    /// # Errors
    /// When the platform would refuse it.
    pub fn put_memory(
        &mut self,
        store: &str,
        path: &str,
        content: &str,
        actor: Actor,
    ) -> Result<(), Failure> {
        let known = self.store(store)?.memories.get(path).map(|memory| memory.id.clone());
        match known {
            Some(memory) => {
                self.change(store, &memory, &json!({ "content": content }), actor)?;
            }
            None => {
                self.create(store, path, content, actor)?;
            }
        }
        Ok(())
    }

    /// Deletes a memory as someone else would.
    ///
    /// # Errors
    /// When there is none.
    pub fn remove_memory(&mut self, store: &str, path: &str, actor: Actor) -> Result<(), Failure> {
        let memory = self.store(store)?.memories.get(path).map(|memory| memory.id.clone());
        self.remove(store, &memory.ok_or_else(|| Failure::missing("Memory"))?, None, actor)
    }

    /// Deletes a store with everything in it.
    ///
    /// # Errors
    /// When there is none.
    pub fn delete_store(&mut self, store: &str) -> Result<Value, Failure> {
        self.store(store)?;
        self.stores.remove(store);
        Ok(json!({ "type": "memory_store_deleted", "id": store }))
    }

    /// Puts a store away; it can only be read from then on.
    ///
    /// # Errors
    /// When there is none.
    pub fn archive_store(&mut self, store: &str) -> Result<Value, Failure> {
        let now = self.now();
        let found = self.store_mut(store)?;
        found.archived.get_or_insert(now);
        Ok(found.body(store))
    }

    pub(super) fn store_body(&self, store: &str) -> Result<Value, Failure> {
        Ok(self.store(store)?.body(store))
    }

    pub(super) fn create_store(&mut self, body: &Value) -> Result<Value, Failure> {
        let name = text(body, "name")?.unwrap_or_default().to_owned();
        if name.is_empty() || name.chars().count() > 255 || name.chars().any(char::is_control) {
            return Err(Failure::invalid("name: 1 to 255 characters, no control characters"));
        }
        let description = text(body, "description")?.unwrap_or_default().to_owned();
        if description.chars().count() > 1024 {
            return Err(Failure::invalid("description: at most 1024 characters"));
        }
        let id = self.add_store(&name, &description);
        if let Some(metadata) = body.get("metadata").and_then(Value::as_object) {
            self.store_mut(&id)?.metadata.clone_from(metadata);
        }
        self.store_body(&id)
    }

    pub(super) fn list_stores(&self, query: &Query) -> Result<Value, Failure> {
        query.only(&["created_at[gte]", "created_at[lte]", "include_archived", "limit", "page"])?;
        let ask = Ask::read("memory_stores", query, USUAL, self.cursors)?;
        let mut found = Vec::new();
        for (id, store) in self.stores.iter().rev() {
            let shown = query.on("include_archived") || store.archived.is_none();
            if shown && query.admits(store.created)? {
                found.push((id.clone(), store.body(id)));
            }
        }
        let (data, last) = ask.take(found.into_iter(), true);
        Ok(ask.body(data, last))
    }

    pub(super) fn list_memories(&self, id: &str, query: &Query) -> Result<Value, Failure> {
        query.only(&["path_prefix", "depth", "view", "limit", "page"])?;
        let store = self.store(id)?;
        let view = View::read(query, View::Basic)?;
        let prefix = query.get("path_prefix").unwrap_or("/");
        if !prefix.starts_with('/') || !prefix.ends_with('/') {
            return Err(Failure::invalid("path_prefix: must start and end with /"));
        }
        let direct = match query.get("depth") {
            None | Some("0") => false,
            Some("1") => true,
            Some(_) => return Err(Failure::invalid("depth: must be 0 or 1")),
        };
        let ask = Ask::read(&format!("{id}/memories"), query, view.limits(), self.cursors)?;
        // Everything below one folder is next to each other, so a folder met last is the one met before.
        let mut folder = String::new();
        let mut items: Vec<(String, Option<(&String, &Memory)>)> = Vec::new();
        for (path, memory) in &store.memories {
            let Some(rest) = path.strip_prefix(prefix) else { continue };
            match rest.split_once('/').filter(|_| direct) {
                Some((name, _)) => {
                    let here = format!("{prefix}{name}/");
                    if here != folder {
                        items.push((here.clone(), None));
                        folder = here;
                    }
                }
                None => items.push((path.clone(), Some((path, memory)))),
            }
        }
        let keyed = items.into_iter().map(|(key, item)| (key.clone(), (key, item)));
        let (data, last) = ask.take(keyed, false);
        let data = data.into_iter().map(|(key, item)| match item {
            Some((path, memory)) => memory.body(id, path, view),
            None => json!({ "type": "memory_prefix", "path": key }),
        });
        Ok(ask.body(data.collect(), last))
    }

    pub(super) fn memory(&self, store: &str, memory: &str, query: &Query) -> Result<Value, Failure> {
        query.only(&["view"])?;
        let (path, found) = self.store(store)?.by_id(memory)?;
        Ok(found.body(store, path, View::read(query, View::Full)?))
    }

    pub(super) fn create_memory(
        &mut self,
        store: &str,
        body: &Value,
        query: &Query,
    ) -> Result<Value, Failure> {
        let view = View::read(query, View::Basic)?;
        let path = text(body, "path")?.ok_or_else(|| Failure::invalid("path: field required"))?;
        let content = text(body, "content")?.ok_or_else(|| Failure::invalid("content: field required"))?;
        self.create(store, path, content, Actor::caller())?;
        let found = self.store(store)?.memories.get(path).ok_or_else(|| Failure::missing("Memory"))?;
        Ok(found.body(store, path, view))
    }

    pub(super) fn create(
        &mut self,
        store: &str,
        path: &str,
        content: &str,
        actor: Actor,
    ) -> Result<(), Failure> {
        paths::check(path)?;
        check_content(content)?;
        let limit = self.memory_limit;
        let found = self.store(store)?;
        found.check_writable()?;
        found.check_free(path, None)?;
        if found.memories.len() >= limit {
            return Err(Failure::invalid(format!("a memory store has at most {limit} memories")));
        }
        let (id, version, now) = (self.id("mem"), self.id("memver"), self.now());
        let memory = Memory {
            id,
            content: content.into(),
            sha256: hash(content),
            version,
            created: now,
            updated: now,
        };
        self.record(store, path, &memory, "created", actor)?;
        self.store_mut(store)?.memories.insert(path.to_owned(), memory);
        Ok(())
    }

    pub(super) fn update_memory(
        &mut self,
        store: &str,
        memory: &str,
        body: &Value,
        query: &Query,
    ) -> Result<Value, Failure> {
        let view = View::read(query, View::Basic)?;
        self.change(store, memory, body, Actor::caller())?;
        let (path, found) = self.store(store)?.by_id(memory)?;
        Ok(found.body(store, path, view))
    }

    fn change(&mut self, store: &str, memory: &str, body: &Value, actor: Actor) -> Result<(), Failure> {
        let found = self.store(store)?;
        let (old_path, old) = found.by_id(memory)?;
        let (old_path, mut new) = (old_path.clone(), old.clone());
        found.check_writable()?;
        let (content, path) = (text(body, "content")?, text(body, "path")?);
        if content.is_none() && path.is_none() {
            return Err(Failure::invalid("content or path is required"));
        }
        let content = content.unwrap_or(&old.content);
        let path = path.unwrap_or(&old_path);
        paths::check(path)?;
        check_content(content)?;
        if *content == *old.content && *path == old_path {
            return Ok(());
        }
        if let Some(precondition) = body.get("precondition").filter(|given| !given.is_null()) {
            if precondition.get("type").and_then(Value::as_str) != Some("content_sha256") {
                return Err(Failure::invalid("precondition.type: must be content_sha256"));
            }
            let named = precondition.get("content_sha256").and_then(Value::as_str);
            if named != Some(&old.sha256) {
                return Err(Failure::precondition());
            }
        }
        found.check_free(path, Some(memory))?;
        new.content = content.into();
        new.sha256 = hash(content);
        new.version = self.id("memver");
        new.updated = self.now();
        self.record(store, path, &new, "modified", actor)?;
        let found = self.store_mut(store)?;
        found.memories.remove(&old_path);
        found.memories.insert(path.to_owned(), new);
        Ok(())
    }

    pub(super) fn delete_memory(
        &mut self,
        store: &str,
        memory: &str,
        query: &Query,
    ) -> Result<Value, Failure> {
        query.only(&["expected_content_sha256"])?;
        self.remove(store, memory, query.get("expected_content_sha256"), Actor::caller())?;
        Ok(json!({ "type": "memory_deleted", "id": memory }))
    }

    fn remove(
        &mut self,
        store: &str,
        memory: &str,
        expected: Option<&str>,
        actor: Actor,
    ) -> Result<(), Failure> {
        let found = self.store(store)?;
        let (path, known) = found.by_id(memory)?;
        found.check_writable()?;
        if expected.is_some_and(|expected| expected != known.sha256) {
            return Err(Failure::precondition());
        }
        let (path, mut known) = (path.clone(), known.clone());
        known.version = self.id("memver");
        self.record(store, &path, &known, "deleted", actor)?;
        self.store_mut(store)?.memories.remove(&path);
        Ok(())
    }

    fn record(
        &mut self,
        store: &str,
        path: &str,
        memory: &Memory,
        operation: &'static str,
        actor: Actor,
    ) -> Result<(), Failure> {
        let created = self.now();
        let there = operation != "deleted";
        self.store_mut(store)?.versions.push(Version {
            id: memory.version.clone(),
            memory: memory.id.clone(),
            operation,
            path: path.to_owned(),
            content: there.then(|| memory.content.clone()),
            sha256: there.then(|| memory.sha256.clone()),
            created,
            actor,
            redacted: false,
        });
        Ok(())
    }

    /// What [`super::Fault::Interfere`] does: the memory that a request means gets another text first.
    pub(super) fn interfere(&mut self, store: &str, memory: Option<&str>, body: &Value, content: &str) {
        let path = match memory {
            Some(memory) => {
                self.store(store).and_then(|store| store.by_id(memory)).map(|(path, _)| path.clone())
            }
            None => text(body, "path").map(|path| path.unwrap_or_default().to_owned()),
        };
        if let Ok(path) = path {
            // Where that is refused, there is nothing to interfere with.
            let _ = self.put_memory(store, &path, content, Actor::someone());
        }
    }
}
