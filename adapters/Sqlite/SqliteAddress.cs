namespace RealTimeMesh.Sqlite;

/// <summary>
/// Where a database lies: a path or a <c>file:</c> URI with parameters, as daprd's driver takes them. SQLite's own
/// parameters (mode, cache, immutable, …) stay in the URI; those with an underscore are the driver's.
/// </summary>
internal sealed record SqliteAddress
{
    private const string Scheme = "file:";

    private static readonly string[] ForbiddenPragmas = ["busy_timeout", "journal_mode", "foreign_keys"];

    /// <summary>The URI for SQLite.</summary>
    public required string Uri { get; init; }

    public bool IsInMemory { get; init; }

    /// <summary>Nothing can be written: <c>mode=ro</c> or <c>immutable=1</c>.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>How writing transactions begin: <c>immediate</c> unless <c>_txlock</c> says otherwise.</summary>
    public string TransactionLock { get; init; } = "immediate";

    /// <summary>Statements for every connection, from <c>_pragma=name(value)</c>.</summary>
    public IReadOnlyList<string> Pragmas { get; init; } = [];

    /// <summary>Throws <see cref="SqliteStoreException"/> where a parameter cannot be honoured.</summary>
    public static SqliteAddress Parse(string connectionString, string dataPath)
    {
        var isInMemory = connectionString.StartsWith(":memory:", StringComparison.OrdinalIgnoreCase) || connectionString.StartsWith("file::memory:", StringComparison.OrdinalIgnoreCase);
        var question = connectionString.IndexOf('?', StringComparison.Ordinal);
        var path = question > 0 ? connectionString[..question] : connectionString;
        if (path.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            path = path[Scheme.Length..];
        var own = new List<KeyValuePair<string, string>>();
        var pragmas = new List<string>();
        var txlock = "immediate";
        foreach (var (name, value) in Parameters(question > 0 ? connectionString[(question + 1)..] : ""))
        {
            switch (name)
            {
                case "_pragma":
                    pragmas.Add(Pragma(value));
                    break;
                case "_txlock":
                    txlock = TxLock(value);
                    break;
                case "_time_format":
                    // How the driver formats times that are bound as such; there are none.
                    break;
                case ['_', ..]:
                    throw new SqliteStoreException($"connectionString: found the option '{name}'; expected _txlock, _pragma or options of SQLite; remove it.");
                default:
                    if (own.TrueForAll(p => p.Key != name))
                        own.Add(new(name, value));
                    break;
            }
        }

        if (isInMemory)
            own.RemoveAll(p => p.Key == "cache");
        return new SqliteAddress
        {
            Uri = Scheme + (isInMemory ? path : Absolute(path, dataPath)) + (own.Count == 0 ? "" : "?" + string.Join('&', own.Select(p => $"{System.Uri.EscapeDataString(p.Key)}={System.Uri.EscapeDataString(p.Value)}"))),
            IsInMemory = isInMemory || own.Contains(new("mode", "memory")),
            IsReadOnly = own.Contains(new("mode", "ro")) || own.Contains(new("immutable", "1")),
            TransactionLock = txlock,
            Pragmas = pragmas,
        };
    }

    private static IEnumerable<KeyValuePair<string, string>> Parameters(string query) =>
        from part in query.Split('&', StringSplitOptions.RemoveEmptyEntries)
        let sign = part.IndexOf('=', StringComparison.Ordinal)
        select sign < 0
            ? new KeyValuePair<string, string>(Unescaped(part), "")
            : new KeyValuePair<string, string>(Unescaped(part[..sign]), Unescaped(part[(sign + 1)..]));

    private static string Unescaped(string text) => System.Uri.UnescapeDataString(text.Replace('+', ' '));

    private static string Pragma(string value)
    {
        foreach (var forbidden in ForbiddenPragmas)
        {
            if (value.StartsWith(forbidden, StringComparison.OrdinalIgnoreCase))
                throw new SqliteStoreException($"found forbidden option '_pragma={forbidden}' in the connection string");
        }

        return value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '(' or ')' or '=' or '-' or '.' or ' ' or '\'')
            ? $"PRAGMA {value}"
            : throw new SqliteStoreException($"connectionString: found _pragma '{value}'; expected name(value); correct it.");
    }

    private static string TxLock(string value) => value.ToLowerInvariant() is "immediate" or "deferred" or "exclusive"
        ? value.ToLowerInvariant()
        : throw new SqliteStoreException($"connectionString: found _txlock '{value}'; expected immediate, deferred or exclusive; correct it.");

    /// <summary>A relative path lies under the host's data folder.</summary>
    private static string Absolute(string path, string dataPath)
    {
        if (path.StartsWith('/') || dataPath.Length == 0 || Path.IsPathRooted(path))
            return path;
        return string.Join('/', Path.GetFullPath(dataPath).Split('/').Select(System.Uri.EscapeDataString)) + "/" + path;
    }
}
