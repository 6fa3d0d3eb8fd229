//! Text search in columns.

use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, SimpleExpr},
};

/// Whether a text column contains the text, in any case. Wildcards in the text are ordinary
/// characters.
pub(crate) fn contains(column: impl ColumnTrait, text: &str) -> SimpleExpr {
    matches(Expr::col(column.as_column_ref()), text)
}

/// As [`contains`], over the text of a JSON column.
pub(crate) fn contains_in(column: impl ColumnTrait, text: &str) -> SimpleExpr {
    matches(Expr::col(column.as_column_ref()).cast_as("text"), text)
}

fn matches(searched: SimpleExpr, text: &str) -> SimpleExpr {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Expr::expr(Func::lower(searched)).like(LikeExpr::new(pattern).escape('\\'))
}
