//! Enumerations whose values are stored, sent and shown under one name each.

/// An enumeration made by [`named!`](crate::named), as storage, HTTP and tests see it.
pub trait Named: Copy + Eq + 'static {
    /// What the enumeration is called, with its module.
    const TYPE: &'static str;
    /// Every value, in the order of declaration.
    const ALL: &'static [Self];

    /// The name the value is stored and sent under.
    fn name(self) -> &'static str;

    /// The value of that name, if there is one.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }
}

/// Declares an enumeration with one name for each value: serde, storage and the API all use that name.
///
/// ```
/// kernel::named! {
///     /// How far an invoice has come.
///     pub enum InvoiceStatus {
///         /// The invoice can be changed.
///         Draft = "draft",
///         /// The invoice was sent and never changes.
///         Issued = "issued",
///     }
/// }
/// use kernel::Named as _;
/// assert_eq!(InvoiceStatus::Issued.name(), "issued");
/// assert_eq!(InvoiceStatus::from_name("draft"), Some(InvoiceStatus::Draft));
/// assert_eq!(serde_json::to_string(&InvoiceStatus::Draft).unwrap(), "\"draft\"");
/// ```
#[macro_export]
macro_rules! named {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive($crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "::kernel::serde")]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// The name the value is stored and sent under.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl $crate::Named for $name {
            const TYPE: &'static str = ::std::concat!(::std::module_path!(), "::", ::std::stringify!($name));
            const ALL: &'static [Self] = &Self::ALL;

            fn name(self) -> &'static str {
                Self::name(self)
            }
        }
    };
}
