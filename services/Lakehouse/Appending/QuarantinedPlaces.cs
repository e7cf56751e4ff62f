using System.Globalization;
using Apache.Arrow;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>
/// Events of a topic that are in quarantine while their table does not know of them yet: a process died, or lost a race, between the two commits.
/// They must not be quarantined again, nor written should the table have changed meanwhile.
/// </summary>
internal sealed class QuarantinedPlaces
{
    private readonly HashSet<(int Partition, long Offset)> _places = [];

    public static QuarantinedPlaces None { get; } = new();

    /// <summary>Reads them; without a look at the rows where the positions say that there are none.</summary>
    /// <param name="quarantined">Positions of the quarantine table.</param>
    /// <param name="committed">Positions of the topic's own table.</param>
    public static async Task<QuarantinedPlaces> ReadAsync(
        DeltaTable quarantine, string stream, string topic, IReadOnlyDictionary<string, long> quarantined, IReadOnlyDictionary<string, long> committed, CancellationToken cancellationToken)
    {
        var prefix = $"lakehouse/{topic}/";
        var ahead = quarantined
            .Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(item.Key.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Where(item => item.Value > committed.GetValueOrDefault(item.Key, -1))
            .Select(item => (Partition: int.Parse(item.Key.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture), After: committed.GetValueOrDefault(item.Key, -1)))
            .ToList();
        if (ahead.Count == 0)
            return None;
        var places = string.Join(" OR ", ahead.Select(item => string.Create(CultureInfo.InvariantCulture, $"_partition = {item.Partition} AND _offset > {item.After}")));
        var options = new ReadOptions { Columns = ["_partition", "_offset"], Where = $"stream = {Text(stream)} AND _topic = {Text(topic)} AND ({places})" };
        var result = new QuarantinedPlaces();
        await foreach (var batch in quarantine.ReadAsync(options, cancellationToken))
        {
            using (batch)
            {
                var (partitions, offsets) = ((Int32Array)batch.Column(0), (Int64Array)batch.Column(1));
                for (var i = 0; i < batch.Length; i++)
                    result._places.Add((partitions.GetValue(i) ?? -1, offsets.GetValue(i) ?? -1));
            }
        }

        return result;
    }

    public bool Contains(int partition, long offset) => _places.Count > 0 && offset >= 0 && _places.Contains((partition, offset));

    /// <summary>A text of Spark's SQL.</summary>
    private static string Text(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
