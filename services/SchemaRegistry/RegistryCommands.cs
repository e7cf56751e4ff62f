using Microsoft.Extensions.Logging.Abstractions;
using RealTimeMesh.Contracts;
using RealTimeMesh.SchemaRegistry.Storage;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.SchemaRegistry;

/// <summary><c>backup FILE</c> and <c>restore FILE [--replace]</c>, on the folder that the service would use.</summary>
public static class RegistryCommands
{
    /// <summary>Runs a command and returns its exit code; null where the arguments are none.</summary>
    public static int? TryRun(string[] args, TextWriter output, TextWriter errors)
    {
        if (args is not [("backup" or "restore") and var command, var file, .. var rest])
            return null;

        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine([.. rest.Where(argument => argument != "--replace")]).Build();
        var folder = Path.Combine(MeshSettings.From(configuration).DataPath, "registry");
        try
        {
            var entries = command == "backup"
                ? RegistryBackup.Backup(folder, file)
                : RegistryBackup.Restore(folder, file, rest.Contains("--replace"), NullLogger.Instance);
            output.WriteLine(command == "backup" ? $"{file}: {entries} entries of {folder}" : $"{folder}: {entries} entries of {file}");
            return 0;
        }
        catch (Exception e) when (e is ContractException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine(e.Message);
            return 1;
        }
    }
}
