//! The contents of a table entry: the name of a value or key, and its form in a file.
//!
//! The parser, the writer, the schema and the page all use the entries; no other place spells a
//! key. The generic functions contain only what depends on their types, because each entry has its
//! own copy of them.

use super::document::{Problem, Value};
use super::print::Out;
use super::shape::{Key, Kind, Object, Refuses, Takes};
use crate::ground::message::Message;

/// The parts that no scenario can express.
pub(super) type Code = Vec<String>;

/// The type of a value that a key accepts.
pub(super) trait Argument: Sized + 'static {
    const ENTRY: ArgumentEntry<Self>;

    fn takes() -> Takes {
        Takes::Checked(Self::ENTRY.takes, |value| Self::read(value).err())
    }

    /// Reads a value that has the right shape.
    fn read(value: &Value<'_>) -> Result<Self, Problem> {
        (Self::ENTRY.read)(value)
    }

    /// Adds to `code` the parts that no scenario can express; if there are any, the output is not
    /// used.
    fn write(&self, code: &mut Code) -> Out {
        (Self::ENTRY.write)(self, code)
    }
}

/// The form in which a file writes the values of a type.
pub(super) struct ArgumentEntry<A> {
    pub(super) takes: fn() -> Takes,
    pub(super) read: fn(&Value<'_>) -> Result<A, Problem>,
    pub(super) write: fn(&A, &mut Code) -> Out,
}

/// An object that describes a `T` in one of several ways.
pub(super) struct ObjectEntry<T: 'static> {
    pub(super) noun: &'static str,
    pub(super) about: &'static str,
    pub(super) kinds: &'static [&'static dyn AnyKind<T>],
}

/// One way to describe a `T`: the required keys, the first of which identifies the kind, and the
/// optional keys.
pub(super) struct KindEntry<T: 'static, P> {
    pub(super) about: &'static str,
    pub(super) parts: &'static [Part],
    /// A refusal is reported at the object.
    pub(super) make: fn(P) -> Result<T, Message>,
    pub(super) options: Option<&'static dyn AnyOptions<T>>,
}

/// The optional keys of a kind, in groups that kinds share.
pub(super) struct Options<T: 'static>(pub(super) &'static [&'static [&'static dyn Member<T>]]);

/// One way to describe a `T`, with a single key.
pub(super) struct Single<T, A> {
    pub(super) word: &'static str,
    pub(super) about: &'static str,
    /// A refusal is reported at the object.
    pub(super) make: fn(A) -> Result<T, Message>,
}

/// A key that every object of a kind has: its word and its purpose. It accepts the type that the
/// kind has at the same index.
pub(super) type Part = (&'static str, &'static str);

/// A key that sets an option of a `T`.
pub(super) struct Verb<T, A> {
    pub(super) word: &'static str,
    pub(super) about: &'static str,
    /// A refusal is reported at the value.
    pub(super) set: fn(T, A) -> Result<T, Message>,
    /// `None` if it is not set.
    pub(super) get: fn(&T) -> Option<A>,
}

/// A key that accepts a list and adds each element to a `T`.
pub(super) struct Each<T, A> {
    pub(super) word: &'static str,
    pub(super) about: &'static str,
    /// A refusal is reported at the element.
    pub(super) add: fn(T, A) -> Result<T, Message>,
    pub(super) all: fn(&T) -> Vec<A>,
}

/// A required key that is not one of the parts.
pub(super) struct Needed<M>(pub(super) M);

/// A list in a `T` whose elements are all read, even if some have mistakes.
pub(super) struct Section<T, A> {
    pub(super) word: &'static str,
    pub(super) about: &'static str,
    pub(super) list: fn(&mut T) -> &mut Vec<A>,
}

/// A key of an object that describes a `T`.
pub(super) trait Member<T>: Sync {
    fn key(&self) -> Key;
    fn read(&self, of: T, value: &Value<'_>) -> Result<T, Problem>;
    fn write(&self, of: &T, code: &mut Code) -> Option<Out>;

    /// Adds the refusals of the value; each of its parts is checked separately. `fresh` makes an
    /// object without options.
    fn check(&self, fresh: &dyn Fn() -> T, value: &Value<'_>, problems: &mut Vec<Problem>) {
        problems.extend(self.read(fresh(), value).err());
    }
}

/// A kind, independent of the types of its parts.
pub(super) trait AnyKind<T>: Sync {
    fn kind(&'static self) -> Kind;
    fn read(&self, object: &Value<'_>) -> Result<T, Problem>;
}

/// The optional keys of a kind. Most kinds have none, and need none of this code.
pub(super) trait AnyOptions<T>: Sync {
    fn add_keys(&self, keys: &mut Vec<Key>);

    /// Sets the options in the order of the file.
    fn read(&self, made: T, object: &Value<'_>) -> Result<T, Problem>;

    /// Writes the options that are set.
    fn write(&self, of: &T, code: &mut Code) -> Vec<(&'static str, Out)>;

    /// Returns the refusal of the parts, or those of the options, each checked separately.
    fn refusals(
        &self,
        made: &dyn Fn() -> Result<T, Problem>,
        object: &Value<'_>,
        readable: &[String],
    ) -> Vec<Problem>;
}

/// A section, independent of the type of its elements.
pub(super) trait AnySection<T>: Sync {
    fn key(&self) -> Key;
    fn read(&self, root: &Value<'_>, into: &mut T, problems: &mut Vec<Problem>);
    fn write(&self, of: &mut T, code: &mut Code) -> Vec<Out>;
}

/// The types of the parts of a kind.
pub(super) trait Parts: Sized + 'static {
    fn takes() -> Vec<Takes>;
    fn read(object: &Value<'_>, parts: &[Part]) -> Result<Self, Problem>;
    fn write(&self, code: &mut Code) -> Vec<Out>;
}

impl<T> ObjectEntry<T> {
    /// The description for the checker, the schema and the page.
    pub(super) fn object(&self) -> Object {
        let mut kinds = Vec::new();
        for kind in self.kinds {
            kinds.push(kind.kind());
        }
        Object {
            noun: self.noun,
            about: self.about,
            kinds,
            least_members: 0,
        }
    }

    pub(super) fn read(&self, value: &Value<'_>) -> Result<T, Problem> {
        let index = self.object().kind_of(value);
        self.kinds[index.expect("the shape is one of the kinds")].read(value)
    }
}

impl<T, P: Parts> KindEntry<T, P> {
    /// The object, if this is its only kind.
    pub(super) fn object(&'static self, noun: &'static str) -> Object {
        Object {
            noun,
            about: self.about,
            kinds: vec![self.kind()],
            least_members: 0,
        }
    }

    /// Writes the parts and the options that are set.
    pub(super) fn write(&self, parts: P, of: &T, code: &mut Code) -> Out {
        let parts = parts.write(code);
        let options = match self.options {
            Some(options) => options.write(of, code),
            None => Vec::new(),
        };
        write_members(self.parts, parts, options)
    }

    /// The value without its options.
    fn made(&self, object: &Value<'_>) -> Result<T, Problem> {
        object.accepts((self.make)(P::read(object, self.parts)?))
    }
}

impl<T, P: Parts> Refuses for KindEntry<T, P> {
    fn refusals(&self, object: &Value<'_>, readable: &[String]) -> Vec<Problem> {
        if !can_read_all(self.parts, readable) {
            return Vec::new();
        }
        match self.options {
            Some(options) => options.refusals(&|| self.made(object), object, readable),
            None => self.made(object).err().into_iter().collect(),
        }
    }
}

impl<T, P: Parts> AnyKind<T> for KindEntry<T, P> {
    fn kind(&'static self) -> Kind {
        let mut keys = part_keys(self.parts, P::takes());
        if let Some(options) = self.options {
            options.add_keys(&mut keys);
        }
        Kind {
            about: self.about,
            keys,
            refuses: Some(self),
        }
    }

    /// Reads the parts, then the options.
    fn read(&self, object: &Value<'_>) -> Result<T, Problem> {
        match self.options {
            Some(options) => options.read(self.made(object)?, object),
            None => self.made(object),
        }
    }
}

fn part_keys(parts: &[Part], takes: Vec<Takes>) -> Vec<Key> {
    let parts = parts.iter().zip(takes);
    parts
        .map(|(&(word, about), takes)| required(word, takes, about))
        .collect()
}

fn can_read_all(parts: &[Part], readable: &[String]) -> bool {
    let can_read = |word: &str| readable.iter().any(|name| name == word);
    parts.iter().all(|(word, _)| can_read(word))
}

impl<T> Options<T> {
    fn named(&self, name: &str) -> Option<&'static dyn Member<T>> {
        for group in self.0 {
            for option in *group {
                if option.key().word == name {
                    return Some(*option);
                }
            }
        }
        None
    }
}

impl<T> AnyOptions<T> for Options<T> {
    fn add_keys(&self, keys: &mut Vec<Key>) {
        for group in self.0 {
            for option in *group {
                keys.push(option.key());
            }
        }
    }

    fn read(&self, mut made: T, object: &Value<'_>) -> Result<T, Problem> {
        for (name, value) in object.members() {
            if let Some(option) = self.named(&name) {
                made = option.read(made, &value)?;
            }
        }
        Ok(made)
    }

    fn write(&self, of: &T, code: &mut Code) -> Vec<(&'static str, Out)> {
        let mut written = Vec::new();
        for group in self.0 {
            for option in *group {
                if let Some(value) = option.write(of, code) {
                    written.push((option.key().word, value));
                }
            }
        }
        written
    }

    fn refusals(
        &self,
        made: &dyn Fn() -> Result<T, Problem>,
        object: &Value<'_>,
        readable: &[String],
    ) -> Vec<Problem> {
        if let Err(problem) = made() {
            return vec![problem];
        }
        let fresh = || made().unwrap_or_else(|_| unreachable!("it was made just now"));
        let mut problems = Vec::new();
        for (name, value) in object.members() {
            if !readable.contains(&name) {
                continue;
            }
            if let Some(option) = self.named(&name) {
                option.check(&fresh, &value, &mut problems);
            }
        }
        problems
    }
}

fn write_members(parts: &[Part], values: Vec<Out>, options: Vec<(&'static str, Out)>) -> Out {
    let parts = parts.iter().map(|(word, _)| *word).zip(values);
    Out::object(parts.chain(options).collect())
}

impl<T, A: Argument> Single<T, A> {
    pub(super) fn write(&self, value: A, code: &mut Code) -> Out {
        Out::object(vec![(self.word, value.write(code))])
    }
}

impl<T, A: Argument> AnyKind<T> for Single<T, A> {
    fn kind(&'static self) -> Kind {
        Kind {
            about: "",
            keys: vec![required(self.word, A::takes(), self.about)],
            refuses: None,
        }
    }

    fn read(&self, object: &Value<'_>) -> Result<T, Problem> {
        let value = A::read(&object.needed(self.word))?;
        object.accepts((self.make)(value))
    }
}

impl<T, A: Argument> Member<T> for Verb<T, A> {
    fn key(&self) -> Key {
        optional(self.word, A::takes(), self.about)
    }

    fn read(&self, of: T, value: &Value<'_>) -> Result<T, Problem> {
        value.accepts((self.set)(of, A::read(value)?))
    }

    fn write(&self, of: &T, code: &mut Code) -> Option<Out> {
        (self.get)(of).map(|value| value.write(code))
    }
}

impl<T, A: Argument> Member<T> for Each<T, A> {
    fn key(&self) -> Key {
        optional(self.word, Takes::List(A::takes), self.about)
    }

    fn read(&self, of: T, value: &Value<'_>) -> Result<T, Problem> {
        let mut of = of;
        for item in value.items() {
            of = item.accepts((self.add)(of, A::read(&item)?))?;
        }
        Ok(of)
    }

    /// Checks each element separately, and then, if none is refused, all together.
    fn check(&self, fresh: &dyn Fn() -> T, value: &Value<'_>, problems: &mut Vec<Problem>) {
        let before = problems.len();
        for item in value.items() {
            let added = A::read(&item).and_then(|read| item.accepts((self.add)(fresh(), read)));
            problems.extend(added.err());
        }
        if problems.len() == before {
            problems.extend(self.read(fresh(), value).err());
        }
    }

    fn write(&self, of: &T, code: &mut Code) -> Option<Out> {
        let all = (self.all)(of);
        (!all.is_empty()).then(|| all.write(code))
    }
}

impl<T, M: Member<T>> Member<T> for Needed<M> {
    fn key(&self) -> Key {
        Key {
            required: true,
            ..self.0.key()
        }
    }

    fn read(&self, of: T, value: &Value<'_>) -> Result<T, Problem> {
        self.0.read(of, value)
    }

    fn check(&self, fresh: &dyn Fn() -> T, value: &Value<'_>, problems: &mut Vec<Problem>) {
        self.0.check(fresh, value, problems);
    }

    fn write(&self, of: &T, code: &mut Code) -> Option<Out> {
        self.0.write(of, code)
    }
}

impl<T, A: Argument> AnySection<T> for Section<T, A> {
    fn key(&self) -> Key {
        optional(self.word, Takes::List(A::takes), self.about)
    }

    fn read(&self, root: &Value<'_>, into: &mut T, problems: &mut Vec<Problem>) {
        let Some(list) = root.member(self.word) else {
            return;
        };
        for item in list.items() {
            match A::read(&item) {
                Ok(read) => (self.list)(into).push(read),
                Err(problem) => problems.push(problem),
            }
        }
    }

    fn write(&self, of: &mut T, code: &mut Code) -> Vec<Out> {
        let mut written = Vec::new();
        for item in (self.list)(of) {
            written.push(item.write(code));
        }
        written
    }
}

impl<A: Argument> Argument for Vec<A> {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::List(A::takes),
        read: |value| {
            let mut all = Vec::new();
            for item in value.items() {
                all.push(A::read(&item)?);
            }
            Ok(all)
        },
        write: |all, code| {
            let mut written = Vec::new();
            for item in all {
                written.push(item.write(code));
            }
            Out::Array(written)
        },
    };
}

macro_rules! parts {
    ($($part:ident $index:tt),*) => {
        impl<$($part: Argument),*> Parts for ($($part,)*) {
            fn takes() -> Vec<Takes> {
                vec![$($part::takes()),*]
            }

            fn read(_object: &Value<'_>, _parts: &[Part]) -> Result<Self, Problem> {
                Ok(($($part::read(&_object.needed(_parts[$index].0))?,)*))
            }

            fn write(&self, _code: &mut Code) -> Vec<Out> {
                vec![$(self.$index.write(_code)),*]
            }
        }
    };
}

parts!();
parts!(A 0);
parts!(A 0, B 1);
parts!(A 0, B 1, C 2);

fn required(word: &'static str, takes: Takes, about: &'static str) -> Key {
    Key {
        required: true,
        ..optional(word, takes, about)
    }
}

pub(super) fn optional(word: &'static str, takes: Takes, about: &'static str) -> Key {
    Key {
        word,
        takes,
        required: false,
        about,
    }
}

/// Sets an option that is never refused, and returns the value.
pub(super) fn with<T>(mut made: T, set: impl FnOnce(&mut T)) -> Result<T, Message> {
    set(&mut made);
    Ok(made)
}
