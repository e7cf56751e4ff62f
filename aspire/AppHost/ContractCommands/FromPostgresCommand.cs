using System.CommandLine;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Postgres;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary><c>contracts from-postgres</c>: a contract for the changes of tables.</summary>
internal sealed class FromPostgresCommand(TimeProvider time)
{
    private readonly Argument<string[]> _tables = new("TABLE") { Description = "Tables with their schema, such as public.orders; of several, columns of one name become one field.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _connection = new("--connection") { Description = "Connection string (Host=…;Database=…;Username=…) or postgres:// URL, or env:NAME for one in an environment variable.", HelpName = "TEXT", Required = true };
    private readonly Option<string?> _name = new("--name") { Description = "Full name of the record, such as shop.Order. Default: the first table's.", HelpName = "NAME" };

    public Command Build()
    {
        var command = new Command("from-postgres", "Prints an Avro contract for the changes of PostgreSQL tables, as sources with 'postgres' take it.") { _tables, _connection, _name };
        command.SetAction((result, cancellationToken) => ContractRun.RunAsync(
            async () =>
            {
                var names = result.GetValue(_tables)!.Select(name => name.Contains('.', StringComparison.Ordinal) ? name : $"public.{name}").ToList();
                var given = result.GetValue(_connection)!;
                var connection = given.StartsWith("env:", StringComparison.Ordinal)
                    ? Environment.GetEnvironmentVariable(given[4..]) ?? throw new ChangeCaptureException($"environment variable {given[4..]}: found none; expected a connection string. Set it.")
                    : given;
                var settings = new ChangeSettings { Connector = "postgres", Connection = new ConnectionSecret { Text = connection }, Tables = names, Slot = "contracts", Publication = "contracts" };
                var tables = await new PostgresConnector(time).DescribeAsync(settings, connection, cancellationToken);
                System.Console.Out.WriteLine(ChangeContract.Of(result.GetValue(_name) ?? names[0], tables, out var skipped));
                foreach (var line in skipped)
                    System.Console.Error.WriteLine($"left out: {line}");
                return ContractRun.Good;
            },
            cancellationToken));
        return command;
    }
}
