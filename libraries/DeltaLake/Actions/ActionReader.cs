using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>Reads commit files: one JSON object a line, unknown actions and fields ignored (PROTOCOL.md, "Actions").</summary>
internal static class ActionReader
{
    private static readonly IReadOnlyDictionary<string, string?> s_none = new Dictionary<string, string?>();

    public static LogCommit Read(string table, long version, ReadOnlyMemory<byte> content)
    {
        var commit = new LogCommit();
        var line = 0;
        var rest = content;
        while (!rest.IsEmpty)
        {
            line++;
            var end = rest.Span.IndexOf((byte)'\n');
            var text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (text.Span.Trim(" \r\t"u8).IsEmpty)
                continue;
            try
            {
                using var document = Parse(text);
                foreach (var action in document.RootElement.EnumerateObject())
                    Apply(commit, action.Name, action.Value);
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or NotSupportedException)
            {
                throw new DeltaException(table, $"commit {version}, line {line}: {exception.Message}; expected an action of the Delta transaction log; restore the file or the table.", exception);
            }
        }

        return commit;
    }

    /// <summary>The <c>commitInfo</c> of the first line of a commit, where in-commit timestamps must stand; null where it is elsewhere or absent.</summary>
    public static CommitInfo? ReadFirstInfo(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("commitInfo", out var value) && value.ValueKind == JsonValueKind.Object ? ReadInfo(value) : null;
        }
        catch (JsonException)
        {
            // The whole commit is read then, and names the fault with its line.
            return null;
        }
    }

    /// <summary>The object of a line. As Spark's reader, it is not disturbed by stray characters after the object, unless they could be another one.</summary>
    private static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            var reader = new Utf8JsonReader(line.Span);
            var first = JsonDocument.ParseValue(ref reader);
            if (line.Span[(int)reader.BytesConsumed..].IndexOf((byte)'{') < 0)
                return first;
            first.Dispose();
            throw;
        }
    }

    /// <summary>Rows of a file from its statistics; -1 where they do not tell.</summary>
    public static long NumRecords(string? stats)
    {
        if (stats is null)
            return -1;
        // Every writer puts it first: there is no need to parse statistics that nobody may ask for.
        const string Start = "{\"numRecords\":";
        if (stats.StartsWith(Start, StringComparison.Ordinal)
            && stats.AsSpan(Start.Length).IndexOfAny(',', '}') is > 0 and var length
            && long.TryParse(stats.AsSpan(Start.Length, length), NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            return first;
        }

        try
        {
            using var document = JsonDocument.Parse(stats);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("numRecords", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var rows) ? rows : -1;
        }
        catch (JsonException)
        {
            // Statistics are optional: a file whose statistics cannot be read counts as one without.
            return -1;
        }
    }

    /// <summary>Rows of a file from its statistics; -1 where they do not tell.</summary>
    public static long NumRecords(ReadOnlySpan<byte> utf8Stats)
    {
        if (utf8Stats.IsEmpty)
            return -1;
        var start = "{\"numRecords\":"u8;
        return utf8Stats.StartsWith(start) && Utf8Parser.TryParse(utf8Stats[start.Length..], out long rows, out var length) && rows >= 0 && utf8Stats[start.Length + length] is (byte)',' or (byte)'}'
            ? rows
            : NumRecords(Encoding.UTF8.GetString(utf8Stats));
    }

    private static void Apply(LogCommit commit, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return;
        switch (name)
        {
            case "protocol":
                commit.Protocol = new ProtocolAction(value.GetProperty("minReaderVersion").GetInt32(), value.GetProperty("minWriterVersion").GetInt32(), Strings(value, "readerFeatures"), Strings(value, "writerFeatures"));
                break;
            case "metaData":
                commit.Metadata = new MetadataAction(
                    value.GetProperty("id").GetString() ?? "",
                    Text(value, "name"),
                    Text(value, "description"),
                    Text(value, "schemaString") ?? "",
                    Strings(value, "partitionColumns") ?? [],
                    Map(value, "configuration") ?? s_none,
                    Number(value, "createdTime"));
                break;
            case "add":
                commit.Adds.Add(ReadAdd(value));
                break;
            case "remove":
                commit.Removes.Add(ReadRemove(value));
                break;
            case "cdc":
                commit.Changes.Add(new CdcFile(PathEncoding.Decode(value.GetProperty("path").GetString()!), Map(value, "partitionValues") ?? s_none, value.GetProperty("size").GetInt64()));
                break;
            case "domainMetadata":
                commit.Domains.Add(new DomainMetadata(value.GetProperty("domain").GetString()!, Text(value, "configuration") ?? "", Flag(value, "removed", false)));
                break;
            case "txn":
                commit.Transactions.Add(new TransactionId(value.GetProperty("appId").GetString()!, value.GetProperty("version").GetInt64(), Number(value, "lastUpdated")));
                break;
            case "commitInfo":
                commit.Info = ReadInfo(value);
                break;
            case "sidecar":
                commit.Sidecars.Add(new SidecarFile(PathEncoding.Decode(value.GetProperty("path").GetString()!), Number(value, "sizeInBytes") ?? 0, Number(value, "modificationTime") ?? 0));
                break;
            default:
                break;
        }
    }

    private static AddFile ReadAdd(JsonElement value)
    {
        var stats = Utf8Text(value, "stats");
        return new AddFile(
            PathEncoding.Decode(value.GetProperty("path").GetString()!),
            Map(value, "partitionValues") ?? s_none,
            value.GetProperty("size").GetInt64(),
            Number(value, "modificationTime") ?? 0,
            Flag(value, "dataChange", true),
            NumRecords(stats.Span),
            null)
        {
            Utf8Stats = stats,
            Tags = Map(value, "tags"),
            DeletionVector = ReadVector(value),
            BaseRowId = Number(value, "baseRowId"),
            DefaultRowCommitVersion = Number(value, "defaultRowCommitVersion"),
            ClusteringProvider = Text(value, "clusteringProvider"),
        };
    }

    private static RemoveFile ReadRemove(JsonElement value) => new(
        PathEncoding.Decode(value.GetProperty("path").GetString()!),
        Number(value, "deletionTimestamp") ?? 0,
        Flag(value, "dataChange", true),
        Map(value, "partitionValues"),
        Number(value, "size"))
    {
        DeletionVector = ReadVector(value),
        BaseRowId = Number(value, "baseRowId"),
        DefaultRowCommitVersion = Number(value, "defaultRowCommitVersion"),
    };

    private static DeletionVectorDescriptor? ReadVector(JsonElement file) =>
        file.TryGetProperty("deletionVector", out var value) && value.ValueKind == JsonValueKind.Object
            ? new DeletionVectorDescriptor(
                value.GetProperty("storageType").GetString()!,
                value.GetProperty("pathOrInlineDv").GetString()!,
                (int?)Number(value, "offset"),
                value.GetProperty("sizeInBytes").GetInt32(),
                value.GetProperty("cardinality").GetInt64())
            : null;

    private static CommitInfo ReadInfo(JsonElement value) => new()
    {
        Timestamp = Number(value, "timestamp"),
        Operation = Text(value, "operation"),
        OperationParameters = Texts(value, "operationParameters"),
        OperationMetrics = Texts(value, "operationMetrics"),
        ReadVersion = Number(value, "readVersion"),
        IsBlindAppend = Flag(value, "isBlindAppend", false),
        EngineInfo = Text(value, "engineInfo"),
        TxnId = Text(value, "txnId"),
        IsolationLevel = Text(value, "isolationLevel"),
        UserMetadata = Text(value, "userMetadata"),
        Tags = Texts(value, "tags"),
        InCommitTimestamp = Number(value, "inCommitTimestamp"),
    };

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A text as UTF-8, without making a string of it; empty where there is none.</summary>
    private static ReadOnlyMemory<byte> Utf8Text(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
            return default;
        var raw = JsonMarshal.GetRawUtf8Value(value);
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        var buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        try
        {
            return buffer.AsSpan(0, reader.CopyString(buffer)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    private static bool Flag(JsonElement parent, string name, bool fallback) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : fallback;

    private static List<string>? Strings(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetString() ?? "")] : null;

    /// <summary>Values are normalised: the empty string means null (PROTOCOL.md, "Partition Value Serialization").</summary>
    private static Dictionary<string, string?>? Map(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Object)
            return null;
        var result = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var item in value.EnumerateObject())
            result[item.Name] = item.Value.ValueKind == JsonValueKind.Null ? null : item.Value.GetString() is { Length: > 0 } text ? text : null;
        return result;
    }

    private static Dictionary<string, string> Texts(JsonElement parent, string name)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object)
        {
            foreach (var item in value.EnumerateObject())
                result[item.Name] = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString()! : item.Value.GetRawText();
        }

        return result;
    }
}
