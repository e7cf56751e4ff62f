namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Gives files that are written side by side, for one commit or several, numbers of their own. What is given and never committed is a
/// gap. Writers in other processes are kept apart by the commit. Thread-safe.
/// </summary>
internal sealed class IdentityReservations
{
    private readonly Dictionary<(string? Table, string Column), long> _last = [];

    /// <summary>Numbers for rows of a version of the table; throws where there are not so many left.</summary>
    public IdentityNumbers Reserve(IdentityColumn column, string? tableId, long rows)
    {
        lock (_last)
        {
            var key = (tableId, column.Field.PhysicalName);
            var numbers = column.After(_last.TryGetValue(key, out var last) && column.IsBeyond(last, column.HighWaterMark) ? last : column.HighWaterMark);
            if (rows > numbers.Left)
                throw new DeltaException(column.Table, $"identity column '{column.Field.Name}' has {numbers.Left} numbers left from {numbers.First} on, {rows} rows were to be written; expected room within a long; write a new table.");
            _last[key] = numbers.At(rows - 1);
            return numbers;
        }
    }
}
