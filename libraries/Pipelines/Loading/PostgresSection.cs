using System.Text.RegularExpressions;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Pipelines;

/// <summary>Reads <c>postgres:</c>, tables whose changes are captured.</summary>
internal static partial class PostgresSection
{
    private const int LongestName = 63;

    private static readonly string[] Keys = ["connection", "tables", "slot", "publication", "snapshot", "lost", "heartbeat", "timeout"];

    public static SourceDefinition? Read(PipelineContext context, YamlMap map, YamlElement element)
    {
        if (element.Map("a mapping with connection and tables", Keys) is not { } postgres)
            return null;
        var connection = postgres.Require("connection", "where the connection string is") is { } secret ? ReadConnection(context, secret) : null;
        var tables = postgres.Require("tables", "the tables to capture") is { } list ? ReadTables(list) : null;
        if (connection is null || tables is null or [])
            return null;
        var name = map.TryFind("name", out var named) && named.IsText ? named.Text("a name")! : tables[0].Split('.', 2)[1];
        var fallback = Plain($"mesh_{context.Pipeline}_{name}");
        var slot = postgres.TryFind("slot", out var slotElement) ? slotElement.Text("the name of a replication slot") : fallback;
        if (slot is not null && !Slot().IsMatch(slot))
            (slotElement ?? element).Fault($"the slot '{slot}'", "small letters, digits and _, at most 63", "Rename it.");
        var publication = postgres.TryFind("publication", out var publicationElement) ? publicationElement.Text("the name of a publication") : fallback;
        return new SourceDefinition
        {
            Name = name,
            Changes = new ChangeSettings
            {
                Connector = "postgres",
                Connection = connection,
                Tables = tables,
                Slot = slot ?? fallback,
                Publication = publication ?? fallback,
                Snapshot = !postgres.TryFind("snapshot", out var snapshot) || ReadSnapshot(snapshot),
                Lost = postgres.TryFind("lost", out var lost) ? ReadLost(lost) : LostLog.Stop,
                Heartbeat = Positive(postgres, "heartbeat", TimeSpan.FromSeconds(10)),
                Timeout = Positive(postgres, "timeout", TimeSpan.FromSeconds(60)),
            },
        };
    }

    private static List<string>? ReadTables(YamlElement list)
    {
        if (list.Texts("a list of tables") is not { } texts)
            return null;
        List<string> tables = [];
        foreach (var text in texts)
        {
            var table = text.Contains('.', StringComparison.Ordinal) ? text : $"public.{text}";
            if (text.Length == 0 || text.Contains('*', StringComparison.Ordinal) || table.StartsWith('.') || table.EndsWith('.'))
                list.Fault($"the table '{text}'", "schema and table, such as public.orders", "Name each table.");
            else if (tables.Contains(table))
                list.Fault($"the table '{table}' twice", "each table once", "Remove one of them.");
            else
                tables.Add(table);
        }

        if (texts.Count == 0)
            list.Fault("no tables", "at least one", "Name the tables to capture.");
        return tables;
    }

    private static ConnectionSecret? ReadConnection(PipelineContext context, YamlElement element)
    {
        if (element.IsText)
            return new ConnectionSecret { Text = element.Text("a connection string") };
        if (element.Map("a connection string, or a mapping with env, file or secretKeyRef", "env", "file", "secretKeyRef") is not { } map)
            return null;
        if (map.Entries.Count != 1)
        {
            element.Fault(map.Entries.Count == 0 ? "no place" : string.Join(" and ", map.Entries.Select(entry => entry.Key)), "one of env, file, secretKeyRef", "Say where the connection string is kept, once.");
            return null;
        }

        var (key, value) = map.Entries[0];
        if (key == "env")
            return value.Text("the name of an environment variable") is { } variable ? new ConnectionSecret { Environment = variable } : null;
        if (key == "file")
            return value.Text("the path of a file") is { } path ? new ConnectionSecret { File = Path.GetFullPath(Path.Combine(context.Directory, path)) } : null;
        var secret = value.Map("a mapping with store, name and key", "store", "name", "key");
        var store = secret?.Require("store", "the name of a Dapr secret store")?.Text("the name of a Dapr secret store");
        var name = secret?.Require("name", "the name of the secret")?.Text("the name of the secret");
        var within = secret is not null && secret.TryFind("key", out var keyElement) ? keyElement.Text("the key within the secret") : name;
        return store is null || name is null || within is null ? null : new ConnectionSecret { Store = store, Secret = name, Key = within };
    }

    private static bool ReadSnapshot(YamlElement element)
    {
        const string expected = "initial (rows that are there come first) or never";
        var text = element.Text(expected);
        if (text is not (null or "initial" or "never"))
            element.Fault($"'{text}'", expected, "Write one of the two.");
        return text != "never";
    }

    private static LostLog ReadLost(YamlElement element)
    {
        const string expected = "stop (tell it and wait) or snapshot (read the tables whole again)";
        var text = element.Text(expected);
        if (text is not (null or "stop" or "snapshot"))
            element.Fault($"'{text}'", expected, "Write one of the two.");
        return text == "snapshot" ? LostLog.Snapshot : LostLog.Stop;
    }

    private static TimeSpan Positive(YamlMap map, string key, TimeSpan otherwise)
    {
        var value = map.Duration(key, otherwise);
        if (value > TimeSpan.Zero)
            return value;
        map.Entries.First(entry => entry.Key == key).Value.Fault($"'{key}' of no length", "a duration above 0", "Leave it out, or write one such as 10s.");
        return otherwise;
    }

    private static string Plain(string name)
    {
        var plain = Other().Replace(name.ToLowerInvariant(), "_");
        return plain.Length <= LongestName ? plain : plain[..LongestName];
    }

    [GeneratedRegex("^[a-z0-9_]{1,63}$")]
    private static partial Regex Slot();

    [GeneratedRegex("[^a-z0-9_]")]
    private static partial Regex Other();
}
