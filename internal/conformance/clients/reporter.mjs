// Reports each test that ended as one line of JSON, for the Go test that started the suite.
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { name, skip, todo, details } = data;
    const error = details?.error?.cause ?? details?.error;
    yield `${JSON.stringify({
      name,
      passed: type === 'test:pass' && skip === undefined && todo === undefined,
      error: error && String(error.stack ?? error),
    })}\n`;
  }
}
