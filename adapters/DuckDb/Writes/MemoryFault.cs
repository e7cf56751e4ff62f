using System.Globalization;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>Tells what to set where an operation does not fit.</summary>
internal static class MemoryFault
{
    public static DuckDbFaultException? Of(string what, DuckDbOptions options, DuckDbFaultException fault)
    {
        if (fault.Message.Contains("No space left on device", StringComparison.OrdinalIgnoreCase) || fault.Message.Contains("not enough space on the disk", StringComparison.OrdinalIgnoreCase))
            return new DuckDbFaultException($"{what}: the disk is full; nothing was changed; free space where DuckDB says that it could not write, and try again. DuckDB says: {fault.Message}", fault);
        if (fault.Message.Contains("Read-only file system", StringComparison.OrdinalIgnoreCase))
            return new DuckDbFaultException($"{what}: the file system is mounted read-only; nothing was changed; mount it so that it can be written, or write to a copy. DuckDB says: {fault.Message}", fault);
        if (!fault.Message.Contains("Out of Memory", StringComparison.OrdinalIgnoreCase) && !fault.Message.Contains("failed to offload", StringComparison.OrdinalIgnoreCase))
            return null;
        var spill = options.SpillPath is null ? "nothing may spill (DuckDbOptions.SpillPath is not set)" : $"with spilling to '{options.SpillPath}'";
        return new DuckDbFaultException(string.Create(CultureInfo.InvariantCulture,
            $"{what}: the operation does not fit into DuckDbOptions.MemoryLimitMiB = {options.MemoryLimitMiB}, {spill}; nothing was changed; raise MemoryLimitMiB, lower Threads, {(options.SpillPath is null ? "set SpillPath" : "free space in the spill folder")}, or change fewer rows at once. DuckDB says: {fault.Message}"), fault);
    }
}
