// Says where a PowerShell script cannot be parsed, by the grammar that editors use: node parse.mjs SCRIPT
import { readFileSync } from 'node:fs'
import { Language, Parser } from 'web-tree-sitter'

await Parser.init()
const parser = new Parser()
parser.setLanguage(await Language.load('node_modules/tree-sitter-powershell/tree-sitter-powershell.wasm'))
const wrong = []
const look = node => {
  if (node.isError || node.isMissing) {
    wrong.push(`line ${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`)
  } else {
    node.children.forEach(look)
  }
}
look(parser.parse(readFileSync(process.argv[2], 'utf8')).rootNode)
console.log(wrong.join('\n') || 'ok')
