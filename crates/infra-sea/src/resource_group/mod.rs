//! Resource groups, their members and the paths between them.

mod entity;
mod members;
mod reader;
mod repository;
