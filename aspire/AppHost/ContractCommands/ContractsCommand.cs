using System.CommandLine;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary>The <c>contracts</c> commands: contracts of pipelines and folders, without a running mesh.</summary>
internal static class ContractsCommand
{
    public static Command Build(TimeProvider time) => new(
        "contracts",
        """
        Works on contracts (Avro, Protobuf and JSON schemas) in files, or makes one of tables; no mesh needs to run.

        Exit codes: 0; 1 where a contract is not compatible, or a change breaks something; 2 where that cannot be told, with the reason on standard error.
        """)
    {
        new ListCommand().Build(),
        new CheckCommand(time).Build(),
        new RegisterCommand(time).Build(),
        new ImpactCommand().Build(),
        new FromPostgresCommand(time).Build(),
    };
}
