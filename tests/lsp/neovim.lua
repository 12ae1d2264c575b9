-- Works `begat lsp` in Neovim: BEGAT=target/debug/begat nvim --headless --clean -l tests/lsp/neovim.lua
-- (before 0.9: nvim --headless --clean -c 'luafile tests/lsp/neovim.lua'). Ends with status 0 if all is well.
local begat = vim.fn.fnamemodify(os.getenv("BEGAT") or "target/debug/begat", ":p")
local folder = vim.fn.tempname()
vim.fn.mkdir(folder, "p")
local source = vim.fn.fnamemodify("graph-data/llm-evolution", ":p")
for _, file in ipairs(vim.fn.readdir(source)) do
  vim.fn.writefile(vim.fn.readfile(source .. file), folder .. "/" .. file)
end

local function fail(words)
  io.stderr:write("neovim: " .. words .. "\n")
  vim.cmd("cquit 1")
end

local function check(is_so, words)
  if not is_so then fail(words) end
end

local function start(buffer)
  local config = { name = "begat", cmd = { begat, "lsp" }, root_dir = folder }
  local client = vim.lsp.start and vim.lsp.start(config, { bufnr = buffer }) or vim.lsp.start_client(config)
  vim.lsp.buf_attach_client(buffer, client)
end

local function edit(name, lines)
  vim.cmd("edit " .. vim.fn.fnameescape(folder .. "/" .. name))
  if lines then vim.api.nvim_buf_set_lines(0, 0, -1, false, lines) end
  local buffer = vim.api.nvim_get_current_buf()
  start(buffer)
  return buffer
end

local function problems(buffer, count, words)
  local function is_there() return #vim.diagnostic.get(buffer) == count end
  check(vim.wait(10000, is_there, 20), words .. ": " .. vim.inspect(vim.diagnostic.get(buffer)))
  return vim.diagnostic.get(buffer)
end

local function ask(buffer, method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 10000)
  for _, answer in pairs(answers or {}) do
    if answer.result then return answer.result end
  end
  fail(method .. " has no answer: " .. vim.inspect(answers))
end

-- A wrong name in a query is underlined, and the fix mends it.
local query = edit("q.begat", { "Model uses MLAA" })
local found = problems(query, 1, "a wrong name is underlined")[1]
check(found.col == 11 and found.end_col == 15, "where it stands")
local document = { uri = vim.uri_from_bufnr(query) }
local range = { start = { line = 0, character = 11 }, ["end"] = { line = 0, character = 15 } }
local actions = ask(query, "textDocument/codeAction", { textDocument = document, range = range, context = { diagnostics = {} } })
vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
check(vim.api.nvim_buf_get_lines(query, 0, 1, false)[1] == "Model uses MLA", "the fix is carried out")
problems(query, 0, "nothing is wrong then")
local hover = ask(query, "textDocument/hover", { textDocument = document, position = { line = 0, character = 12 } })
check(hover.contents.value:find("MLA: Technique", 1, true), "hover tells what MLA is")

-- A wrong fact in the data is underlined.
local claims = edit("claims.ron")
problems(claims, 0, "the data is right")
local lines = vim.api.nvim_buf_get_lines(claims, 0, -1, false)
local row
for at, line in ipairs(lines) do
  if line:find("DeepSeek V3 uses MLA", 1, true) then row = at end
end
vim.api.nvim_buf_set_lines(claims, row - 1, row, false, { (lines[row]:gsub("MLA", "MLAA", 1)) })
local wrong = problems(claims, 1, "a wrong fact is underlined")[1]
check(wrong.lnum == row - 1, "on its line")
vim.api.nvim_buf_set_lines(claims, row - 1, row, false, { lines[row] })
problems(claims, 0, "nothing is wrong again")

-- A name is changed in all files.
local column = lines[row]:find("DeepSeek V3", 1, true)
local place = { textDocument = { uri = vim.uri_from_bufnr(claims) }, position = { line = row - 1, character = column } }
place.newName = "DeepSeek Three"
vim.lsp.util.apply_workspace_edit(ask(claims, "textDocument/rename", place), "utf-16")
check(table.concat(vim.api.nvim_buf_get_lines(claims, 0, -1, false), "\n"):find("DeepSeek Three uses", 1, true), "facts")
local entities = vim.fn.bufnr(folder .. "/entities.ron")
check(entities > 0 and table.concat(vim.api.nvim_buf_get_lines(entities, 0, -1, false), "\n"):find('"DeepSeek Three": ', 1, true), "its declaration")

print("Neovim: diagnostics, fixes, hover, rename\n")
vim.cmd("qall!")
