//! How a domain declares its refusals: every variant once, with its code, its kind and what the code means.

/// Implements [`Refusal`](crate::Refusal) for an enum, and lists the codes of its own as `CODES`.
///
/// Six parts, of which each may be left out. Together `own`, `shared` and `nested` name every variant: one that is
/// missing does not compile.
/// - `own`: variants with a code of this enum. The note says what the code means and who reacts how.
/// - `shared`: variants that answer a code explained elsewhere.
/// - `nested`: variants that hold another refusal, which answers for itself.
/// - `at`: where the input is wrong, as a JSON Pointer; the sentence beside it is that of `Display`. Variants that are
///   not listed point nowhere.
/// - `errors`: the whole list, where it has several places or other sentences.
/// - `retry_after`: in how many seconds it is worth trying again.
///
/// ```
/// #[derive(Debug, thiserror::Error)]
/// pub enum Refused {
///     #[error("this slug is taken; choose another")]
///     SlugTaken,
///     #[error("{detail}")]
///     Invalid { pointer: &'static str, detail: String },
///     #[error(transparent)]
///     Store(#[from] kernel::StoreError),
/// }
/// kernel::refusals! {
///     Refused {
///         own {
///             Self::SlugTaken => Conflict, "shop.slug_taken", "Another shop has this slug. Clients ask for another.";
///         }
///         shared { Self::Invalid { .. } => Invalid, "request.invalid"; }
///         nested { Store }
///         at { Self::SlugTaken => "/slug"; Self::Invalid { pointer, .. } => *pointer; }
///     }
/// }
/// use kernel::Refusal as _;
/// assert_eq!(Refused::SlugTaken.code(), "shop.slug_taken");
/// assert_eq!(Refused::SlugTaken.errors()[0].0, "/slug");
/// assert_eq!(Refused::from(kernel::StoreError::Stale).code(), "request.stale");
/// assert_eq!(Refused::CODES.len(), 1);
/// ```
#[macro_export]
macro_rules! refusals {
    ($name:ident {
        $(own { $($own:pat => $kind:ident, $code:literal, $note:literal;)* })?
        $(shared { $($shared:pat => $shared_kind:ident, $shared_code:literal;)* })?
        $(nested { $($nested:ident),* $(,)? })?
        $(at { $($at:pat => $pointer:expr;)* })?
        $(errors { $($errors:pat => $list:expr;)* })?
        $(retry_after { $($retry:pat => $seconds:expr;)* })?
    }) => {
        $(impl $name {
            /// What the codes of its own mean and who reacts how.
            pub const CODES: &'static [$crate::CodeNote] =
                &[$($crate::CodeNote { code: $code, kind: $crate::Kind::$kind, note: $note }),*];
        })?

        impl $crate::Refusal for $name {
            fn kind(&self) -> $crate::Kind {
                match self {
                    $($($own => $crate::Kind::$kind,)*)?
                    $($($shared => $crate::Kind::$shared_kind,)*)?
                    $($(Self::$nested(inner) => $crate::Refusal::kind(inner),)*)?
                }
            }

            fn code(&self) -> &'static str {
                match self {
                    $($($own => $code,)*)?
                    $($($shared => $shared_code,)*)?
                    $($(Self::$nested(inner) => $crate::Refusal::code(inner),)*)?
                }
            }

            fn errors(&self) -> ::std::vec::Vec<(::std::string::String, ::std::string::String)> {
                match self {
                    $($($at => ::std::vec![($pointer.to_string(), self.to_string())],)*)?
                    $($($errors => $list,)*)?
                    $($(Self::$nested(inner) => $crate::Refusal::errors(inner),)*)?
                    #[allow(unreachable_patterns)]
                    _ => ::std::vec::Vec::new(),
                }
            }

            fn retry_after(&self) -> ::std::option::Option<u64> {
                match self {
                    $($($retry => ::std::option::Option::Some($seconds),)*)?
                    $($(Self::$nested(inner) => $crate::Refusal::retry_after(inner),)*)?
                    #[allow(unreachable_patterns)]
                    _ => ::std::option::Option::None,
                }
            }
        }
    };
}
