//! Checks the fields of a DTO together, so that a client learns of every fault at once.

use std::{borrow::Cow, fmt::Display};

use kernel::Named;

use super::{extract::Field, problem::Problem};

/// Collects what is wrong, each with the JSON Pointer of its place.
///
/// ```
/// use http_shell::{Checker, Problem};
/// use kernel::{EmailAddress, Name};
///
/// fn read(email: &str, name: &str) -> Result<(EmailAddress, Name), Problem> {
///     let mut check = Checker::new();
///     let email = check.take("/email", EmailAddress::new(email));
///     let name = check.take("/full_name", Name::new(name));
///     check.finish((email, name))
/// }
/// assert!(read("ann@example.org", "Ann").is_ok());
/// assert_eq!(read("ann", "").unwrap_err().to_string(), "request.invalid: 2 fields are wrong; see `errors`");
/// ```
#[derive(Debug, Default)]
pub struct Checker(Vec<(String, String)>);

/// A field that was checked; [`Checker::finish`] opens it once every other is known to be right.
#[derive(Debug)]
#[must_use = "hand it to `Checker::finish`"]
pub struct Checked<T>(Option<T>);

impl<T> Checked<T> {
    /// Several fields as one.
    pub fn of<F: Fields<Values = T>>(fields: F) -> Self {
        Self(fields.open())
    }

    /// What is made of it, where it is right.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Checked<U> {
        Checked(self.0.map(make))
    }

    /// What a further check makes of it, where it is right.
    pub fn and_then<U>(self, check: impl FnOnce(T) -> Checked<U>) -> Checked<U> {
        Checked(self.0.and_then(|value| check(value).0))
    }
}

/// All of them, where all are right.
impl<T> FromIterator<Checked<T>> for Checked<Vec<T>> {
    fn from_iter<I: IntoIterator<Item = Checked<T>>>(fields: I) -> Self {
        Self(fields.into_iter().map(|field| field.0).collect())
    }
}

impl Checker {
    /// Nothing is wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A field that has to be there.
    pub fn take<T, E: Display>(
        &mut self,
        pointer: impl Into<Cow<'static, str>>,
        result: Result<T, E>,
    ) -> Checked<T> {
        Checked(result.map_err(|error| self.fail(pointer, error.to_string())).ok())
    }

    /// A field that may be left out.
    pub fn optional<T, E: Display>(
        &mut self,
        pointer: impl Into<Cow<'static, str>>,
        result: Option<Result<T, E>>,
    ) -> Checked<Option<T>> {
        self.take(pointer, result.transpose())
    }

    /// A list; each item is told by its index.
    pub fn each<I, T, E: Display>(
        &mut self,
        pointer: &str,
        items: impl IntoIterator<Item = I>,
        mut parse: impl FnMut(I) -> Result<T, E>,
    ) -> Checked<Vec<T>> {
        let parsed =
            items.into_iter().enumerate().map(|(i, item)| self.take(format!("{pointer}/{i}"), parse(item)).0);
        let parsed: Vec<Option<T>> = parsed.collect();
        Checked(parsed.into_iter().collect())
    }

    /// A field of a patch that may be taken away.
    pub fn patch<I, T, E: Display>(
        &mut self,
        pointer: impl Into<Cow<'static, str>>,
        field: Field<I>,
        parse: impl FnOnce(I) -> Result<T, E>,
    ) -> Checked<Field<T>> {
        match field.map(parse) {
            Field::Absent => Checked(Some(Field::Absent)),
            Field::Null => Checked(Some(Field::Null)),
            Field::Value(result) => Checked(self.take(pointer, result).0.map(Field::Value)),
        }
    }

    /// A field of a patch that has to stay there: `null` is refused.
    pub fn replace<I, T, E: Display>(
        &mut self,
        pointer: impl Into<Cow<'static, str>>,
        field: Field<I>,
        parse: impl FnOnce(I) -> Result<T, E>,
    ) -> Checked<Option<T>> {
        match field.map(parse) {
            Field::Absent => Checked(Some(None)),
            Field::Null => {
                self.fail(pointer, "cannot be null; leave it out to keep it as it is");
                Checked(None)
            }
            Field::Value(result) => Checked(self.take(pointer, result).0.map(Some)),
        }
    }

    /// A rule over several fields.
    pub fn require(&mut self, holds: bool, pointer: impl Into<Cow<'static, str>>, detail: impl Into<String>) {
        if !holds {
            self.fail(pointer, detail);
        }
    }

    /// Something is wrong there.
    pub fn fail(&mut self, pointer: impl Into<Cow<'static, str>>, detail: impl Into<String>) {
        self.0.push((pointer.into().into_owned(), detail.into()));
    }

    /// The values, if nothing was wrong; else 422 with every fault. Takes one checked field or a tuple of them.
    pub fn finish<F: Fields>(self, fields: F) -> Result<F::Values, Problem> {
        match fields.open() {
            Some(values) if self.0.is_empty() => Ok(values),
            _ => Err(Problem::invalid(self.0)),
        }
    }
}

/// Reads a name of an enumeration, for [`Checker::take`] and its kin; the fault lists the names there are.
pub fn named<T: Named>(name: &str) -> Result<T, String> {
    let names = || T::ALL.iter().map(|value| value.name()).collect::<Vec<_>>().join(", ");
    T::from_name(name).ok_or_else(|| format!("must be one of {}", names()))
}

/// What [`Checker::finish`] takes.
pub trait Fields {
    /// What the fields hold.
    type Values;
    /// The values, if all are there.
    fn open(self) -> Option<Self::Values>;
}

impl Fields for () {
    type Values = ();

    fn open(self) -> Option<()> {
        Some(())
    }
}

impl<T> Fields for Checked<T> {
    type Values = T;

    fn open(self) -> Option<T> {
        self.0
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {$(
        impl<$($name),+> Fields for ($(Checked<$name>,)+) {
            type Values = ($($name,)+);

            #[expect(non_snake_case, reason = "each value is named after its type parameter")]
            fn open(self) -> Option<Self::Values> {
                let ($($name,)+) = self;
                Some(($($name.0?,)+))
            }
        }
    )+};
}

tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(n: i32) -> Result<i32, String> {
        if n % 2 == 0 { Ok(n) } else { Err(format!("{n} is odd")) }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let mut check = Checker::new();
        let one = check.take("/one", even(1));
        let list = check.each("/list", [2, 3, 4, 5], even);
        let gone = check.replace("/gone", Field::Null, even);
        let fine = check.optional("/fine", Some(even(2)));
        check.require(false, "", "one must be less than two");
        let problem = check.finish((one, list, gone, fine)).unwrap_err();
        let text = format!("{problem:?}");
        for pointer in ["/one", "/list/1", "/list/3", "/gone"] {
            assert!(text.contains(pointer), "{pointer} in {text}");
        }
        assert!(!text.contains("/fine"));
    }

    #[test]
    fn fields_that_belong_together_are_checked_together() {
        let mut check = Checker::new();
        let pair = Checked::of((check.take("/a", even(2)), check.take("/b", even(4)))).map(|(a, b)| a + b);
        let half = pair.and_then(|sum| check.take("/half", even(sum / 2)));
        let skipped = Checked::of((check.take("/c", even(1)),)).and_then(|_| check.take("/d", even(3)));
        let text = format!("{:?}", check.finish((half, skipped)).unwrap_err());
        assert!(text.contains("/half") && text.contains("/c"), "{text}");
        assert!(!text.contains("/d"), "what rests on a fault is not told beside it: {text}");
    }

    #[test]
    fn what_is_right_comes_out_in_order() {
        let mut check = Checker::new();
        let a = check.patch("/a", Field::Value(2), even);
        let b = check.patch("/b", Field::Null, even);
        let c = check.replace("/c", Field::Absent, even);
        let values = check.finish((a, b, c)).unwrap();
        assert_eq!(values, (Field::Value(2), Field::Null, None));
    }
}
