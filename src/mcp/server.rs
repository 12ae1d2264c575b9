//! The protocol, as the SDK has it: every request is a blocking call on a thread of its own, which cancelling stops.

use super::INSTRUCTIONS;
use super::resources::{self, PAGES, SOURCES};
use crate::database::Database;
use crate::tools::{Curator, Reply, Tool as Known, call, listed};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    Resource, ResourceContents, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A main thread has as much, and parsers of deep texts count on it.
const STACK: usize = 8 << 20;

/// Answers on stdin and stdout until the client closes them. stdout carries nothing but the protocol. Without a curator
/// nothing is written.
///
/// # Errors
/// The streams failed, or what came was not the protocol.
pub fn serve(database: Database, curator: Option<Curator>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().thread_stack_size(STACK).build()?;
    runtime.block_on(async {
        let served = Server { database, curator: curator.map(Arc::new) }
            .serve(rmcp::transport::stdio())
            .await
            .map_err(io::Error::other)?;
        served.waiting().await.map_err(io::Error::other)?;
        Ok(())
    })
}

#[derive(Debug, Clone)]
struct Server {
    database: Database,
    curator: Option<Arc<Curator>>,
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("begat", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let about = |tool: &Known| {
            let hints = ToolAnnotations::new().read_only(!tool.writes()).idempotent(true).open_world(false);
            if tool.writes() { hints.destructive(tool.name == "retract") } else { hints }
        };
        let tools = listed(self.curator.is_some())
            .map(|tool| Tool::new(tool.name, tool.about, Arc::new(tool.input())).with_annotations(about(tool)));
        Ok(ListToolsResult::with_all_items(tools.collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let cancel = Arc::new(AtomicBool::new(false));
        let (database, curator, flag) = (self.database.clone(), self.curator.clone(), cancel.clone());
        let name = request.name.clone();
        let arguments = request.arguments.unwrap_or_default();
        let work = tokio::task::spawn_blocking(move || call(&database, curator.as_deref(), &name, &arguments, flag));
        let watch = tokio::spawn(async move {
            context.ct.cancelled().await;
            cancel.store(true, Ordering::Relaxed);
        });
        let done = work.await;
        watch.abort();
        match done {
            Ok(Some(reply)) => Ok(result(reply).into()),
            Ok(None) => Err(ErrorData::invalid_params(format!("no tool is called `{}`", request.name), None)),
            Err(_) => Err(ErrorData::internal_error("this is a bug in begat", None)),
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let pages = PAGES.iter().map(|page| {
            Resource::new(resources::uri(page), page.name).with_title(page.title).with_mime_type("text/markdown")
        });
        let sources =
            Resource::new(SOURCES, "sources").with_title("The sources of the graph").with_mime_type("application/json");
        Ok(ListResourcesResult::with_all_items(pages.chain([sources]).collect()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let edited = self.curator.as_ref().and_then(|curator| curator.current());
        match resources::read(edited.as_ref().unwrap_or(&self.database), &request.uri) {
            Some((text, kind)) => {
                let contents = ResourceContents::text(text, request.uri).with_mime_type(kind);
                Ok(ReadResourceResult::new(vec![contents]).into())
            }
            None => Err(ErrorData::resource_not_found(format!("no resource is called `{}`", request.uri), None)),
        }
    }
}

fn result(reply: Reply) -> CallToolResult {
    match reply {
        Reply::Json(json) => CallToolResult::structured(json),
        Reply::Text(text) => CallToolResult::success(vec![ContentBlock::text(text)]),
        Reply::Picture(svg) => {
            let picture = ContentBlock::image(BASE64_STANDARD.encode(svg), "image/svg+xml");
            CallToolResult::success(vec![picture])
        }
        Reply::Pixels(png) => {
            CallToolResult::success(vec![ContentBlock::image(BASE64_STANDARD.encode(png), "image/png")])
        }
        Reply::Error(json) => CallToolResult::structured_error(json),
    }
}
