using System.CommandLine;
using System.Text;

namespace RealTimeMesh.AppHost.LetterCommands;

/// <summary>The options by which letters are chosen, the same for all commands.</summary>
internal sealed class FilterOptions
{
    private readonly (Option<string?> Option, string Query, string Body)[] _options =
    [
        Of("--class", "CLASS", "poison, transient, schema, constraint or undelivered.", "class"),
        Of("--rule", "RULE", "The broken rule.", "rule"),
        Of("--field", "FIELD", "The contract's field.", "field"),
        Of("--topic", "TOPIC", "The topic the message was meant for or came from.", "topic"),
        Of("--dead-letter-topic", "TOPIC", "The topic it was collected from.", "deadLetterTopic"),
        Of("--consumer", "NAME", "Who gave it up: an app id, or 'ingestion'.", "consumer"),
        Of("--fingerprint", "HEX", "The cause, as groups list it.", "fingerprint"),
        Of("--since", "TIME", "Failed at or after then.", "since"),
        Of("--until", "TIME", "Failed before then.", "until"),
        Of("--key", "KEY", "The message's key.", "key"),
        Of("--trace", "HEX", "The trace's id.", "trace", "traceId"),
        Of("--text", "TEXT", "A text in the message or the reason.", "text"),
    ];

    private readonly Option<string[]> _ids = new("--id") { Description = "Only this letter; repeat it for several.", HelpName = "ID" };
    private readonly Option<string[]> _states = new("--state") { Description = "open, redriving, redriven or discarded; repeat it for several.", HelpName = "STATE" };

    public IEnumerable<Symbol> Symbols(bool states) => states ? [.. _options.Select(option => option.Option), _ids, _states] : [.. _options.Select(option => option.Option), _ids];

    public string Query(ParseResult result, params (string Name, string? Value)[] further)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in _options.Select(option => (option.Query, result.GetValue(option.Option)))
            .Concat((result.GetValue(_ids) ?? []).Select(id => ("id", (string?)id))).Concat((result.GetValue(_states) ?? []).Select(state => ("state", (string?)state))).Concat(further))
        {
            if (value is not null)
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return query.ToString();
    }

    public Dictionary<string, object> Body(ParseResult result)
    {
        var body = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (option, _, name) in _options)
        {
            if (result.GetValue(option) is { } value)
                body[name] = value;
        }

        if (result.GetValue(_ids) is { Length: > 0 } ids)
            body["ids"] = ids;
        return body;
    }

    private static (Option<string?>, string, string) Of(string name, string help, string description, string query, string? body = null) =>
        (new Option<string?>(name) { Description = description, HelpName = help }, query, body ?? query);
}
