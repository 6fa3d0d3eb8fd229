//! Enumerations of the API beside those of the domains.

/// An enumeration of ours with the same words as one of a domain, turned into each other.
macro_rules! words {
    ($(#[$doc:meta])* $word:ident as $schema:ident for $domain:ty { $($(#[$note:meta])* $name:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[schema(as = $schema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $word {
            $($(#[$note])* $name,)*
        }

        impl From<$domain> for $word {
            fn from(value: $domain) -> Self {
                match value {
                    $(<$domain>::$name => Self::$name,)*
                }
            }
        }

        impl From<$word> for $domain {
            fn from(word: $word) -> Self {
                match word {
                    $($word::$name => Self::$name,)*
                }
            }
        }
    };
}
pub(crate) use words;
