using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Snowflake;

/// <summary>
/// Brings a warehouse table to exactly one version of its source, once: copy the staged files, merge by the keys,
/// delete what the source no longer has and record the load, all in one transaction; then prove it by count and
/// hash. Killed anywhere, it can simply run again. One loader at a time for one target.
/// </summary>
public sealed class WarehouseLoader(SnowflakeClient client, TimeProvider time)
{
    private const string Stage = "MESH_STAGE";

    /// <summary>The newest recorded version of a source; -1 where there is none.</summary>
    public async Task<long> LoadedVersionAsync(string source, string target, CancellationToken cancellationToken)
    {
        try
        {
            var result = await client.ExecuteAsync($"SELECT MAX(VERSION) FROM MESH.LOADS WHERE SOURCE = {Text(source)} AND TARGET = {Text(target)}", cancellationToken);
            return result.Rows[0][0] is { } version ? long.Parse(version, CultureInfo.InvariantCulture) : -1;
        }
        catch (SnowflakeException exception) when (exception.SqlState == "42S02")
        {
            return -1;
        }
    }

    /// <summary>Loads a version, or finds it loaded.</summary>
    public async Task<LoadResult> LoadAsync(LoadRequest request, CancellationToken cancellationToken)
    {
        if (request.Keys.Count == 0 || request.Keys.Any(key => request.Schema.IndexOf(key) < 0))
            throw new RealTimeMeshException($"load {request.LoadId}: keys '{string.Join(", ", request.Keys)}'; expected columns among {string.Join(", ", request.Schema.Fields.Select(field => field.Name))}; correct 'keys' of the warehouse table.");
        var result = new LoadResult(request.LoadId, request.Target, request.Version, request.Rows, request.ContentHash, Loaded: false);
        if (await LoadedVersionAsync(request.Source, request.Target, cancellationToken) >= request.Version)
            return result;

        var (target, load) = Names(request.Target);
        await PrepareAsync(request, target, load, cancellationToken);
        await client.ExecuteManyAsync(Transaction(request, target, load), cancellationToken);
        await ProveAsync(request, target, cancellationToken);
        await client.ExecuteAsync($"DROP TABLE IF EXISTS {load}", cancellationToken);
        return result with { Loaded = true };
    }

    /// <summary>DDL commits by itself in Snowflake, so it all comes before the transaction.</summary>
    private async Task PrepareAsync(LoadRequest request, string target, string load, CancellationToken cancellationToken)
    {
        var schema = target[..target.LastIndexOf('.')];
        var columns = string.Join(", ", request.Schema.Fields.Select(field => $"{RowHash.Name(field.Name)} {TypeOf(field)}"));
        await client.ExecuteManyAsync(
            [
                "CREATE SCHEMA IF NOT EXISTS MESH",
                "CREATE TABLE IF NOT EXISTS MESH.LOADS (LOAD_ID VARCHAR NOT NULL, SOURCE VARCHAR NOT NULL, TARGET VARCHAR NOT NULL, VERSION BIGINT NOT NULL, ROW_COUNT BIGINT NOT NULL, CONTENT_HASH VARCHAR NOT NULL, LOADED_AT TIMESTAMP_NTZ NOT NULL)",
                $"CREATE OR REPLACE STAGE MESH.{Stage} URL = {Text(request.StageUrl)}",
                $"CREATE SCHEMA IF NOT EXISTS {schema}",
                $"CREATE TABLE IF NOT EXISTS {target} ({columns})",
            ],
            cancellationToken);

        var known = (await client.ExecuteAsync($"DESCRIBE TABLE {target}", cancellationToken)).Rows.Select(row => row[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var statements = request.Schema.Fields.Where(field => !known.Contains(field.Name))
            .Select(field => $"ALTER TABLE {target} ADD COLUMN {RowHash.Name(field.Name)} {TypeOf(field)}")
            .Append($"CREATE OR REPLACE TRANSIENT TABLE {load} LIKE {target}").ToList();
        await client.ExecuteManyAsync(statements, cancellationToken);
    }

    private List<string> Transaction(LoadRequest request, string target, string load)
    {
        var match = string.Join(" AND ", request.Keys.Select(key => $"T.{RowHash.Name(key)} IS NOT DISTINCT FROM L.{RowHash.Name(key)}"));
        var columns = request.Schema.Fields.Select(field => RowHash.Name(field.Name)).ToList();
        var keys = request.Keys.Select(RowHash.Name).ToHashSet(StringComparer.Ordinal);
        var updates = string.Join(", ", columns.Where(column => !keys.Contains(column)).Select(column => $"{column} = L.{column}"));
        var loadedAt = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        return
        [
            "BEGIN",
            $"COPY INTO {load} FROM @MESH.{Stage}/{request.StagePath.Trim('/')}/ FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE FORCE = TRUE",
            $"MERGE INTO {target} T USING {load} L ON {match}"
                + (updates.Length == 0 ? "" : $" WHEN MATCHED THEN UPDATE SET {updates}")
                + $" WHEN NOT MATCHED THEN INSERT ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(column => $"L.{column}"))})",
            $"DELETE FROM {target} T WHERE NOT EXISTS (SELECT 1 FROM {load} L WHERE {match})",
            // A repeated transaction, whose first answer got lost together with the server, must not record twice.
            $"MERGE INTO MESH.LOADS T USING (SELECT {Text(request.LoadId)} AS LOAD_ID, {Text(request.Source)} AS SOURCE, {Text(request.Target)} AS TARGET, {request.Version} AS VERSION, {request.Rows} AS ROW_COUNT, {Text(request.ContentHash)} AS CONTENT_HASH, CAST({Text(loadedAt)} AS TIMESTAMP_NTZ) AS LOADED_AT) L"
                + " ON T.LOAD_ID = L.LOAD_ID AND T.TARGET = L.TARGET WHEN NOT MATCHED THEN INSERT (LOAD_ID, SOURCE, TARGET, VERSION, ROW_COUNT, CONTENT_HASH, LOADED_AT) VALUES (L.LOAD_ID, L.SOURCE, L.TARGET, L.VERSION, L.ROW_COUNT, L.CONTENT_HASH, L.LOADED_AT)",
            "COMMIT",
        ];
    }

    private async Task ProveAsync(LoadRequest request, string target, CancellationToken cancellationToken)
    {
        var row = (await client.ExecuteAsync(RowHash.Query(request.Schema, target), cancellationToken)).Rows[0];
        if (row[0] == request.Rows.ToString(CultureInfo.InvariantCulture) && row[1] == request.ContentHash)
            return;
        // Compensation: what is not proven is not recorded, so that the next run loads it again.
        await client.ExecuteAsync($"DELETE FROM MESH.LOADS WHERE LOAD_ID = {Text(request.LoadId)} AND TARGET = {Text(request.Target)}", cancellationToken);
        throw new RealTimeMeshException($"load {request.LoadId}: {request.Target} holds {row[0]} rows with hash {row[1]}; expected {request.Rows} rows with hash {request.ContentHash}; the load is no longer recorded and will be repeated; look for another writer of the table.");
    }

    private static (string Target, string Load) Names(string target)
    {
        var parts = target.Split('.');
        if (parts.Length != 2 || parts.Any(string.IsNullOrWhiteSpace))
            throw new RealTimeMeshException($"warehouse table '{target}': expected schema and table, such as GOLD.AIRPORT_DAILY; correct 'to' in pipeline.yaml.");
        return ($"{RowHash.Name(parts[0])}.{RowHash.Name(parts[1])}", $"{RowHash.Name(parts[0])}.{RowHash.Name($"{parts[1]}__LOAD")}");
    }

    private static string TypeOf(Field field) => field.Type switch
    {
        FieldType.Boolean => "BOOLEAN",
        FieldType.Int32 or FieldType.Int64 => "BIGINT",
        FieldType.Float32 or FieldType.Float64 => "FLOAT",
        FieldType.String => "VARCHAR",
        FieldType.Bytes => "BINARY",
        FieldType.Date => "DATE",
        FieldType.Timestamp => "TIMESTAMP_NTZ",
        FieldType.Decimal => string.Create(CultureInfo.InvariantCulture, $"NUMBER({field.Precision},{field.Scale})"),
        _ => throw new RealTimeMeshException($"field '{field.Name}': type {field.Type} has no warehouse type"),
    };

    private static string Text(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}
