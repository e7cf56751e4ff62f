using System.Text.Json.Serialization;

namespace RealTimeMesh.Snowflake.Wire;

/// <summary>Body of a submit.</summary>
internal sealed record SubmitBody
{
    public required string Statement { get; init; }

    public required int Timeout { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Database { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Warehouse { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Parameters { get; init; }
}

/// <summary>Any answer of the API; fields that an answer lacks are null.</summary>
internal sealed record Answer
{
    public string? Code { get; init; }

    public string? SqlState { get; init; }

    public string? Message { get; init; }

    public string? StatementHandle { get; init; }

    public string[]? StatementHandles { get; init; }

    public MetaData? ResultSetMetaData { get; init; }

    public string?[][]? Data { get; init; }
}

internal sealed record MetaData
{
    public long NumRows { get; init; }

    public Column[] RowType { get; init; } = [];

    public Partition[] PartitionInfo { get; init; } = [];
}

internal sealed record Column(string Name, string Type);

internal sealed record Partition(long RowCount);
