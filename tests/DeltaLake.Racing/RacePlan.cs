namespace RealTimeMesh.DeltaLake.Racing;

/// <summary>What one step of a writer does to its own batches of rows.</summary>
public enum RaceStep
{
    /// <summary>Appends the batch that has the step's number.</summary>
    Append,

    /// <summary>Sets the values of an earlier batch to the step's number.</summary>
    Update,

    /// <summary>Deletes the rows of an earlier batch.</summary>
    Delete,
}

/// <summary>
/// The steps of every writer, fixed beforehand: step n of a writer is the same whoever carries it out and however often that is
/// interrupted. So the table must hold exactly what the steps it says it has seen (<c>txn</c> of each writer) make.
/// </summary>
public static class RacePlan
{
    /// <summary>Under which application id a writer records its last step.</summary>
    public static string AppId(int writer) => $"racing/{writer}";

    /// <summary>The key that all rows of a batch have.</summary>
    public static long Key(int writer, long batch) => (writer * 1_000_000_000L) + batch;

    public static int RowsOf(int writer, long batch) => 5 + (int)(Mix(writer, batch, 1) % 60);

    /// <summary>What a step does, and the batch it does it to.</summary>
    public static (RaceStep Step, long Batch) At(int writer, long step)
    {
        var kind = Mix(writer, step, 2) % 10;
        if (kind < 6 || step < 4)
            return (RaceStep.Append, step);
        return (kind < 8 ? RaceStep.Update : RaceStep.Delete, 1 + (long)(Mix(writer, step, 3) % (ulong)(step - 1)));
    }

    /// <summary>Rows by key and value after a number of steps: how many rows each batch has, and their value.</summary>
    public static Dictionary<long, (int Rows, long Value)> After(int writer, long steps)
    {
        var result = new Dictionary<long, (int Rows, long Value)>();
        for (var step = 1L; step <= steps; step++)
        {
            var (what, batch) = At(writer, step);
            var key = Key(writer, batch);
            if (what == RaceStep.Append)
                result[key] = (RowsOf(writer, batch), step);
            else if (what == RaceStep.Delete)
                result.Remove(key);
            else if (result.TryGetValue(key, out var rows))
                result[key] = (rows.Rows, step);
        }

        return result;
    }

    private static ulong Mix(int writer, long number, ulong salt)
    {
        var x = (ulong)number * 0x9E3779B97F4A7C15UL + (ulong)writer * 0xBF58476D1CE4E5B9UL + salt * 0x94D049BB133111EBUL;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }
}
