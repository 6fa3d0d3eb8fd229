//! Column shapes that every table shares, so that a type is chosen once.

use sea_orm_migration::prelude::*;

/// A UUID.
pub(crate) fn uuid(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// An instant with microseconds.
pub(crate) fn instant(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
}

/// A whole number: energy in Wh, power in W, current in mA, a version.
pub(crate) fn number(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// A text or the word of an enumeration.
pub(crate) fn text(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

pub(crate) fn boolean(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

/// A JSON document, binary where the engine has it.
pub(crate) fn json(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).json_binary().not_null().take()
}

/// Makes any column above optional.
pub(crate) trait Optional {
    fn optional(self) -> ColumnDef;
}

impl Optional for ColumnDef {
    fn optional(mut self) -> ColumnDef {
        self.null().take()
    }
}

/// A unique index named by the convention of this crate.
pub(crate) fn unique(table: &str, columns: &[&'static str]) -> IndexCreateStatement {
    let rule = columns.last().copied().unwrap_or_default();
    let mut index = Index::create();
    index.name(format!("uq_{table}__{rule}")).table(Alias::new(table)).unique();
    for column in columns {
        index.col(Alias::new(*column));
    }
    index
}

/// A plain index.
pub(crate) fn index(table: &str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("ix_{table}__{}", columns.join("__"))).table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    index
}
