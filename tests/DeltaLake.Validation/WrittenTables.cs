using RealTimeMesh.Testing.DeltaLogs;

namespace RealTimeMesh.DeltaLake.Validation;

/// <summary>What tests do with the tables they wrote: hold log and data to the protocol.</summary>
public static class WrittenTables
{
    /// <summary>Throws where a table in the folder, or the folder itself, has a fault.</summary>
    /// <param name="now">What the clock of the writer showed last; null where it was the machine's.</param>
    /// <param name="expectFiles">False where tests commit files that never were.</param>
    public static void Check(string folder, DateTimeOffset? now = null, bool expectFiles = true)
    {
        using var parquet = new DuckDbParquetFiles();
        var options = new LogValidation { Parquet = parquet, VerifyData = true, ExpectFiles = expectFiles, Now = now };
        List<string> faults = [];
        foreach (var log in Directory.EnumerateDirectories(folder, "_delta_log", SearchOption.AllDirectories))
            faults.AddRange(DeltaLogValidator.Validate(Path.GetDirectoryName(log)!, options).Select(fault => $"{Path.GetDirectoryName(log)}: {fault}"));
        if (faults.Count > 0)
            throw new InvalidDataException($"{faults.Count} faults in what was written:\n{string.Join('\n', faults.Take(20))}");
    }
}
