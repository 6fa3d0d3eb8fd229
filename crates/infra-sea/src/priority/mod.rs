//! Levels, rules, overrides, and the facts they are judged by.

mod entities;
mod facts;
mod reader;
mod repository;
mod targets;
