//! The functions through the real router: what a client sees.

mod admin;
mod audit;
mod auth;
mod chat;
mod chat_answers;
mod chat_injections;
mod chat_questions;
mod cleanup;
mod command_line;
mod convert;
mod convert_files;
mod differences;
mod files;
mod formats;
mod health;
mod isolation;
mod job_progress;
mod logout;
mod mcp;
mod mcp_clients;
mod package;
mod search;
mod tables;
mod upload;
mod upload_tickets;
mod web;
