using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres.Catalogs;

/// <summary>The replication slot as the server has it.</summary>
/// <param name="Confirmed">Up to where its reader has confirmed: from here it sends.</param>
internal sealed record SlotState(long Confirmed);

internal static class Slots
{
    /// <summary>The slot; null where there is none. Throws where it is there and can't be used.</summary>
    public static async Task<SlotState?> FindAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        // wal_status came with PostgreSQL 13.
        const string query = """
            SELECT s.plugin::text, s.slot_type, s.database::text, s.active_pid, (s.confirmed_flush_lsn - '0/0'::pg_lsn)::text, to_jsonb(s)->>'wal_status', a.application_name, a.client_addr::text, s.database = current_database(), to_jsonb(s)->>'invalidation_reason'
            FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid WHERE s.slot_name = $1
            """;
        await using var command = new NpgsqlCommand(query, connection) { Parameters = { new() { Value = name } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        var drop = $"SELECT pg_drop_replication_slot('{name}');";
        if (reader.GetString(1) != "logical" || Text(0) != "pgoutput")
            throw new ChangeCaptureException($"slot {name}: found a {reader.GetString(1)} slot of plugin {Text(0) ?? "none"}; expected a logical slot of pgoutput. Give 'slot' another name, or {drop}");
        if (!reader.GetBoolean(8))
            throw new ChangeCaptureException($"slot {name}: found it in database {Text(2)}; expected {connection.Database}. Give 'slot' another name.");
        if (Text(5) == "lost")
            throw Timelines.Lost($"slot {name}: found it lost: the server has removed log that was not read yet ({Text(9) ?? "max_slot_wal_keep_size"}). Changes since {Lsn(reader, 4)} are gone; expected all of them. Raise max_slot_wal_keep_size.");
        if (!reader.IsDBNull(3))
            throw new ChangeCaptureException(string.Create(CultureInfo.InvariantCulture, $"slot {name}: found it in use by process {reader.GetInt32(3)} of the server ({Text(6)} from {Text(7) ?? "a local socket"}); expected to be its only reader. Stop the other, or give 'slot' another name; after a crash the server frees it by itself."));
        return new SlotState(long.Parse(Text(4) ?? "0", CultureInfo.InvariantCulture));
    }

    /// <summary>Drops the slot where it is there.</summary>
    public static async Task DropAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1", connection) { Parameters = { new() { Value = name } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static string Show(long lsn) => new NpgsqlLogSequenceNumber((ulong)lsn).ToString();

    private static string Lsn(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? "an unknown place" : Show(long.Parse(reader.GetString(column), CultureInfo.InvariantCulture));
}
